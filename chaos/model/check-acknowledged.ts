import type { BookIndex } from "./book-index.ts";
import type { OrderStatus, ReservationRow } from "./books.ts";
import type { BreachList } from "./breach-list.ts";
import { type Call, seqsOf, type Settled, userOf } from "./call.ts";
import { instantOf, type Json, listOf, numberOf, objectOf, textOf } from "./read-json.ts";

/** What an order may be later, by what somebody was told that it is. */
const laterOrderStates: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ["pending", "paid", "declined", "refunded", "cancelled"],
  paid: ["paid", "refunded"],
  declined: ["declined"],
  refunded: ["refunded"],
  cancelled: ["cancelled"],
};

/**
 * `lost`: whatever was acknowledged is in the books at the end, with the same user, event and quantity, and carries the
 * times that the answer told; or it has become what that may legally become later. A hold may be confirmed, be
 * cancelled, or expire; what is confirmed may only be cancelled; what has ended stays ended; a paid order may only be
 * refunded. No row is ever deleted. Judged answer by answer, while the history is read.
 */
export class AcknowledgementCheck {
  readonly #books: BookIndex;
  readonly #breaches: BreachList;

  constructor(books: BookIndex, breaches: BreachList) {
    this.#books = books;
    this.#breaches = breaches;
  }

  /** @param reply of a call that was done; null when it is no JSON */
  check(call: Call, settled: Settled, reply: Json | null): void {
    const fault = this.#faultOf(call, settled, reply);
    if (fault === null) return;
    const message = `${describe(call)} was acknowledged, but ${fault}.`;
    this.#breaches.add("lost", message, { seqs: seqsOf(call), event: call.event, user: userOf(call) });
  }

  #faultOf(call: Call, settled: Settled, reply: Json | null): string | null {
    switch (call.f) {
      case "hold":
        return this.#faultOfHold(call, reply);
      case "confirm":
        return this.#faultOfChange(call, reply, ({ confirmedAtMs }) => confirmedAtMs, "confirmed_at");
      case "cancel":
        return this.#faultOfChange(call, reply, ({ releasedAtMs }) => releasedAtMs, "released_at");
      case "extend":
        return listOf(reply, "items") === null
          ? this.#faultOfExtension(call, reply)
          : this.#faultOfCart(call, reply);
      case "put_item":
        return this.#faultOfCart(call, reply) ?? this.#faultOfItem(call, reply);
      case "remove_item":
        return this.#faultOfCart(call, reply);
      case "check_out":
      case "refund":
        return this.#faultOfOrder(call, reply);
      case "sign_up":
        return this.#faultOfCustomer(reply);
      case "verify":
        return settled.result === "verified" ? this.#faultOfVerification(call, reply) : null;
      case "deliver":
        return this.#faultOfDelivery(reply);
      case "change_event":
        return this.#books.events.has(settled.named ?? "") ? null : `there is no event ${settled.named}`;
      case "read":
        return this.#faultOfReading(call, reply);
    }
  }

  #faultOfHold(call: Call, reply: Json | null): string | null {
    const row = this.#find(reply);
    if (typeof row === "string") return row;
    const isSame =
      row.eventId === call.event && row.userId === userOf(call) && row.quantity === call.asked.quantity;
    return isSame ? null : `${tellRow(row)} is not what was asked for`;
  }

  /** @param timeOf what the books say of when it was done, which the answer told too */
  #faultOfChange(
    call: Call,
    reply: Json | null,
    timeOf: (row: ReservationRow) => number | null,
    member: string,
  ): string | null {
    const row = this.#findOwn(call, reply);
    if (typeof row === "string") return row;
    const toldMs = instantOf(reply, member);
    return toldMs !== null && timeOf(row) === toldMs ? null : `the books say otherwise: ${tellRow(row)}`;
  }

  #faultOfExtension(call: Call, reply: Json | null): string | null {
    const row = this.#findOwn(call, reply);
    if (typeof row === "string") return row;
    const toldMs = instantOf(reply, "expires_at");
    const isKept = toldMs !== null && row.expiresAtMs >= toldMs && row.extendedAtMs.length > 0;
    return isKept ? null : `its deadline is an earlier one: ${tellRow(row)}`;
  }

  /** The reservation of an answer as it is in the books; or what is wrong with that. */
  #find(reply: Json | null): ReservationRow | string {
    const id = textOf(reply, "id");
    const row = this.#books.reservations.get(id ?? "");
    if (row === undefined) return `there is no reservation ${id}`;
    const isSame =
      row.eventId === textOf(reply, "event_id") &&
      row.userId === textOf(reply, "user_id") &&
      row.quantity === numberOf(reply, "quantity") &&
      row.createdAtMs === instantOf(reply, "created_at");
    return isSame ? row : `the books have another under that id: ${tellRow(row)}`;
  }

  /** The same, where only its owner may see it, or have it changed. */
  #findOwn(call: Call, reply: Json | null): ReservationRow | string {
    const row = this.#find(reply);
    if (typeof row === "string") return row;
    const user = userOf(call);
    return user === null || user === row.userId ? row : `that is somebody else's: ${tellRow(row)}`;
  }

  #faultOfCart(call: Call, reply: Json | null): string | null {
    const cart = this.#books.carts.get(call.subject ?? "");
    if (cart === undefined) return `there is no cart ${call.subject}`;
    if (cart.userId !== textOf(reply, "user_id")) return `cart ${cart.id} belongs to ${cart.userId}`;
    for (const item of listOf(reply, "items") ?? []) {
      const row = this.#books.reservations.get(textOf(item, "reservation_id") ?? "");
      if (row === undefined) return `its item's reservation ${textOf(item, "reservation_id")} is not there`;
      const isSame =
        row.cartId === cart.id &&
        row.userId === cart.userId &&
        row.eventId === textOf(item, "event_id") &&
        row.quantity === numberOf(item, "quantity");
      if (!isSame) return `its item is another in the books: ${tellRow(row)}`;
    }
    return null;
  }

  #faultOfItem(call: Call, reply: Json | null): string | null {
    const item = (listOf(reply, "items") ?? []).find((each) => textOf(each, "event_id") === call.event);
    if (item === undefined) return "the answer does not list it";
    return numberOf(item, "quantity") === call.asked.quantity ? null : "the answer lists another quantity";
  }

  #faultOfOrder(call: Call, reply: Json | null): string | null {
    const id = textOf(reply, "id");
    const order = this.#books.orders.get(id ?? "");
    if (order === undefined) return `there is no order ${id}`;
    const told = textOf(reply, "status") as OrderStatus | null;
    const isCart = call.f !== "check_out" || order.cartId === call.subject;
    if (
      !isCart ||
      order.userId !== textOf(reply, "user_id") ||
      order.totalCents !== numberOf(reply, "total_cents")
    )
      return `order ${id} is another in the books`;
    const isLater =
      told !== null && (laterOrderStates[told] as readonly string[] | undefined)?.includes(order.status);
    return isLater === true ? null : `order ${id} was ${told} and is ${order.status} now`;
  }

  #faultOfCustomer(reply: Json | null): string | null {
    const told = objectOf(reply, "customer");
    const id = textOf(told, "id");
    const customer = this.#books.customers.get(id ?? "");
    if (customer === undefined) return `there is no customer ${id}`;
    const isSame =
      customer.email === textOf(told, "email") && customer.phoneNumber === textOf(told, "phone_number");
    return isSame ? null : `customer ${id} is another in the books`;
  }

  #faultOfVerification(call: Call, reply: Json | null): string | null {
    const customer = this.#books.customers.get(call.subject ?? "");
    if (customer === undefined) return `there is no customer ${call.subject}`;
    const codes = this.#books.verificationsOf.get(customer.id) ?? [];
    if (customer.verifiedAtMs === null || !codes.some(({ status }) => status === "verified"))
      return `customer ${customer.id} has verified nothing`;
    const told = textOf(reply, "user_id");
    return customer.accountId === told ? null : `the account is ${customer.accountId}, and ${told} was told`;
  }

  #faultOfDelivery(reply: Json | null): string | null {
    const id = textOf(reply, "id");
    const order = this.#books.restocks.get(id ?? "");
    if (order === undefined) return `there is no restock order ${id}`;
    return order.status === "delivered" ? null : `restock order ${id} is ${order.status}`;
  }

  /** What was shown of a reservation must have been there, and the asker's. */
  #faultOfReading(call: Call, reply: Json | null): string | null {
    const isReservation = textOf(reply, "event_id") !== null && textOf(reply, "expires_at") !== null;
    const row = isReservation ? this.#findOwn(call, reply) : null;
    return typeof row === "string" ? row : null;
  }
}

/** A call in a few words. */
export function describe({ f, key, subject, event, ...call }: Call): string {
  const user = userOf({ f, key, subject, event, ...call });
  const words = [
    `${f} of call ${call.call}`,
    ...(user === null ? [] : [`for ${user}`]),
    ...(subject === null ? [] : [`on ${subject}`]),
    ...(event === null ? [] : [`of event ${event}`]),
  ];
  return words.join(" ");
}

/** A reservation in a few words. */
export function tellRow({ id, userId, quantity, status, eventId }: ReservationRow): string {
  return `reservation ${id} (${quantity} of event ${eventId} for ${userId}, ${status})`;
}
