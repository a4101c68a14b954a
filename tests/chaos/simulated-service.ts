import type {
  Books,
  CartRow,
  CustomerRow,
  ItemRow,
  OrderRow,
  ReservationRow,
  VerificationRow,
} from "../../chaos/model/books.ts";
import type { Operation } from "../../chaos/history/history-entry.ts";
import {
  type Mutable,
  showEvent,
  showOrder,
  showReservation,
  type SimulatedReply,
  SimulatedStock,
} from "./simulated-stock.ts";

/** A request as the service sees it. */
export interface SimulatedRequest {
  readonly f: Operation;
  readonly user: string | null;
  readonly event: string | null;
  readonly subject: string | null;
  readonly key: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** How long an order that is not paid at once keeps its tickets. */
const graceMs = 2_000;

/** A correct service in memory. */
export class SimulatedService {
  readonly stock = new SimulatedStock();
  readonly carts = new Map<string, Mutable<CartRow>>();
  readonly customers = new Map<string, Mutable<CustomerRow>>();
  readonly verifications = new Map<string, Mutable<VerificationRow>>();
  readonly #signUps = new Map<string, string>();
  readonly #records = new Map<string, SimulatedReply>();

  serve(request: SimulatedRequest, nowMs: number): SimulatedReply {
    const recorded = this.#records.get(request.key ?? "");
    if (recorded !== undefined) return recorded;
    const reply = this.#decide(request, nowMs);
    if (request.key !== null && reply.status !== 404) this.#records.set(request.key, reply);
    return reply;
  }

  books(readAtMs: number): Books {
    const { events, audits, reservations, orders, payments, restocks } = this.stock;
    return structuredClone({
      readAtMs,
      events: [...events.values()],
      audits,
      reservations: [...reservations.values()],
      carts: [...this.carts.values()],
      orders: [...orders.values()],
      payments: [...payments.values()],
      restocks: [...restocks.values()],
      customers: [...this.customers.values()],
      verifications: [...this.verifications.values()],
    });
  }

  /** Ends an order whose payment is known only now. */
  settle(orderId: string, isPaid: boolean, nowMs: number): void {
    const { stock } = this;
    const order = stock.orders.get(orderId);
    if (order === undefined || order.status !== "pending") return;
    stock.sweep(nowMs);
    const rows = order.items.map((item) => ({ item, row: stock.reservations.get(item.reservationId) }));
    const charge = { key: orderId, amountCents: order.totalCents, succeedsAtMs: null, refundedCents: 0 };
    stock.payments.set(orderId, { ...charge, status: isPaid ? "succeeded" : "declined" });
    if (!isPaid) {
      const deadlineMs = this.carts.get(order.cartId)?.expiresAtMs ?? nowMs;
      for (const { row } of rows) if (row?.status === "held") row.expiresAtMs = deadlineMs;
      Object.assign(order, { status: "declined", paymentStatus: "declined", settledAtMs: nowMs });
      stock.sweep(nowMs);
      return;
    }
    const isFree = rows.every(({ item, row }) => {
      const event = stock.eventOf(item);
      const wish = { user: order.userId, phone: null };
      return (
        row?.status === "held" || stock.refuse({ ...event, isPaused: false }, wish, item.quantity) === null
      );
    });
    if (!isFree) {
      for (const { row } of rows) if (row?.status === "held") stock.release(row, "expired", nowMs);
      Object.assign(order, { status: "refunded", paymentStatus: "refunded", settledAtMs: nowMs });
      stock.payments.set(orderId, { ...charge, status: "succeeded", refundedCents: order.totalCents });
      return;
    }
    const items = rows.map(({ item, row }): ItemRow => {
      const { userId, cartId } = order;
      const { quantity } = item;
      const wish = { userId, cartId, quantity, expiresAtMs: nowMs + 1_000, verifiedPhone: null };
      const kept = row?.status === "held" ? row : stock.take(stock.eventOf(item), wish, nowMs);
      stock.confirm(kept, nowMs);
      return { ...item, reservationId: kept.id };
    });
    Object.assign(order, {
      status: "paid",
      paymentStatus: "succeeded",
      settledAtMs: nowMs,
      paidAtMs: nowMs,
      items,
    });
  }

  #decide(request: SimulatedRequest, nowMs: number): SimulatedReply {
    this.stock.sweep(nowMs);
    switch (request.f) {
      case "hold":
        return this.#hold(request, nowMs);
      case "confirm":
      case "extend":
      case "cancel":
        return this.#change(request, request.f, nowMs);
      case "put_item":
      case "remove_item":
        return this.#changeCart(request, nowMs);
      case "check_out":
        return this.#checkOut(request, nowMs);
      case "refund":
        return this.#refund(request, nowMs);
      case "sign_up":
        return this.#signUp(request, nowMs);
      case "verify":
        return this.#verify(request, nowMs);
      case "deliver":
        return this.#deliver(request, nowMs);
      case "change_event":
        return this.#changeEvent(request, nowMs);
      case "read":
        return this.#read(request);
    }
  }

  #hold({ event: id, body }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    const event = stock.events.get(id ?? "");
    if (event === undefined) return stock.problem("event_not_found");
    const [user, quantity] = [String(body?.["user_id"]), Number(body?.["quantity"] ?? 1)];
    const phone = event.asksForPhone ? (this.customers.get(user)?.phoneNumber ?? null) : null;
    if (event.asksForPhone && phone === null) return stock.problem("phone_not_verified");
    const refusal = stock.refuse(event, { user, phone }, quantity);
    if (refusal !== null) return refusal;
    const expiresAtMs = nowMs + 1000 * event.holdSeconds;
    const wish = { userId: user, quantity, expiresAtMs, cartId: null, verifiedPhone: phone };
    return { status: 201, document: showReservation(stock.take(event, wish, nowMs)) };
  }

  #change({ subject }: SimulatedRequest, f: "confirm" | "extend" | "cancel", nowMs: number): SimulatedReply {
    const { stock } = this;
    const row = stock.reservations.get(subject ?? "");
    if (row === undefined) return stock.problem("reservation_not_found");
    const hasEnded = row.status === "expired" || row.status === "cancelled";
    if (f === "cancel") {
      if (!hasEnded) stock.release(row, "cancelled", nowMs);
    } else {
      if (hasEnded) return stock.problem("hold_expired");
      if (f === "confirm" && row.status === "held") stock.confirm(row, nowMs);
      if (f === "extend") {
        if (row.status === "confirmed") return stock.problem("already_confirmed");
        const event = stock.eventOf(row);
        if (row.extendedAtMs.length >= event.maxExtensions) return stock.problem("extension_limit");
        row.extendedAtMs = [...row.extendedAtMs, nowMs];
        row.expiresAtMs += 1000 * event.holdSeconds;
      }
    }
    return { status: 200, document: showReservation(row) };
  }

  #changeCart({ f, event: id, subject, body, user: asker }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    const event = stock.events.get(id ?? "");
    const user = String(body?.["user_id"] ?? asker);
    const found = this.carts.get(subject ?? "");
    if (event === undefined || (found !== undefined && found.userId !== user))
      return stock.problem("cart_not_found");
    const order = stock.orders.get(found?.orderId ?? "");
    if (order !== undefined && order.status !== "declined") return stock.problem("cart_ordered");
    const items = found?.items ?? [];
    const listed = items.find(({ eventId }) => eventId === event.id);
    const row = stock.reservations.get(listed?.reservationId ?? "");
    const own = row?.status === "held" ? row : undefined;
    const rest = items.filter((item) => item !== listed);
    if (f === "remove_item") {
      if (found === undefined) return stock.problem("cart_not_found");
      if (own !== undefined) stock.release(own, "cancelled", nowMs);
      found.items = rest;
      return { status: 200, document: this.#showCart(found) };
    }
    const quantity = Number(body?.["quantity"] ?? 1);
    if (found !== undefined && own?.quantity === quantity)
      return { status: 200, document: this.#showCart(found) };
    const refusal = stock.refuse(event, { user, phone: null, ...(own !== undefined && { own }) }, quantity);
    if (refusal !== null) return refusal;
    if (own !== undefined) stock.release(own, "cancelled", nowMs);
    const isHolding = rest.some(
      ({ reservationId }) => stock.reservations.get(reservationId)?.status === "held",
    );
    const newDeadlineMs = nowMs + 1000 * event.holdSeconds;
    const expiresAtMs = isHolding ? (found?.expiresAtMs ?? newDeadlineMs) : newDeadlineMs;
    const cartId = subject ?? "";
    const made = stock.take(
      event,
      { userId: user, quantity, expiresAtMs, cartId, verifiedPhone: null },
      nowMs,
    );
    const cart = found ?? {
      id: cartId,
      userId: user,
      items: [],
      expiresAtMs,
      orderId: null,
      createdAtMs: nowMs,
    };
    cart.items = [...rest, { eventId: event.id, reservationId: made.id, quantity }];
    cart.expiresAtMs = expiresAtMs;
    this.carts.set(cartId, cart);
    return { status: 200, document: this.#showCart(cart) };
  }

  #showCart({ id, userId, items }: CartRow): SimulatedReply["document"] {
    const shown = items.map(({ eventId, reservationId, quantity }) => ({
      event_id: eventId,
      reservation_id: reservationId,
      quantity,
    }));
    return { id, user_id: userId, items: shown };
  }

  #checkOut({ subject, body }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    const cart = this.carts.get(subject ?? "");
    if (cart === undefined) return stock.problem("cart_not_found");
    const last = stock.orders.get(cart.orderId ?? "");
    if (last !== undefined && last.status !== "declined") return stock.problem("cart_ordered");
    const held = cart.items.filter(
      ({ reservationId }) => stock.reservations.get(reservationId)?.status === "held",
    );
    if (held.length === 0) return stock.problem("cart_expired");
    const holdUntilMs = Math.max(cart.expiresAtMs ?? 0, nowMs + graceMs);
    const order: Mutable<OrderRow> = {
      id: stock.newId("order"),
      cartId: cart.id,
      userId: cart.userId,
      status: "pending",
      totalCents: 100 * held.reduce((sum, { quantity }) => sum + quantity, 0),
      items: held,
      paymentProvider: "demo",
      paymentStatus: "processing",
      holdUntilMs,
      createdAtMs: nowMs,
      settledAtMs: null,
      paidAtMs: null,
    };
    stock.orders.set(order.id, order);
    cart.orderId = order.id;
    for (const { reservationId } of held) this.#keep(reservationId, holdUntilMs);
    const token = body?.["token"];
    if (token !== "tok_late") this.settle(order.id, token === "tok_ok", nowMs);
    return { status: 201, document: showOrder(order) };
  }

  #keep(reservationId: string, untilMs: number): void {
    const row = this.stock.reservations.get(reservationId);
    if (row !== undefined) row.expiresAtMs = untilMs;
  }

  #refund({ subject }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    const order = stock.orders.get(subject ?? "");
    if (order === undefined) return stock.problem("order_not_found");
    if (order.status === "paid") {
      for (const { reservationId } of order.items) {
        const row = stock.reservations.get(reservationId);
        if (row !== undefined) stock.release(row, "cancelled", nowMs);
      }
      Object.assign(order, { status: "refunded", paymentStatus: "refunded" });
      const charge = stock.payments.get(order.id);
      if (charge !== undefined) charge.refundedCents = charge.amountCents;
    } else if (order.status !== "refunded") return stock.problem("order_not_paid");
    return { status: 200, document: showOrder(order) };
  }

  #signUp({ body }: SimulatedRequest, nowMs: number): SimulatedReply {
    const told = body?.["customer"] as { phone_number: string };
    const requestId = String(body?.["request_id"]);
    const id = this.#signUps.get(requestId) ?? this.stock.newId("customer");
    this.#signUps.set(requestId, id);
    const name = { firstName: "Ada", lastName: "Lovelace", email: "ada@example.org" };
    const fresh = { id, ...name, phoneNumber: told.phone_number, createdAtMs: nowMs };
    const customer = this.customers.get(id) ?? { ...fresh, verifiedAtMs: null, accountId: null };
    this.customers.set(id, customer);
    if (!this.verifications.has(id))
      this.verifications.set(id, { customerId: id, status: "pending", wrongAttempts: 0 });
    const { email, phoneNumber } = customer;
    return { status: 201, document: { customer: { id, email, phone_number: phoneNumber } } };
  }

  #verify({ subject, body }: SimulatedRequest, nowMs: number): SimulatedReply {
    const customer = this.customers.get(subject ?? "");
    const code = this.verifications.get(subject ?? "");
    if (customer === undefined || code === undefined) return this.stock.problem("customer_not_found");
    if (code.status !== "pending") return { status: 200, document: { result: "expired" } };
    if (body?.["verification_code"] !== "111111") {
      code.wrongAttempts += 1;
      if (code.wrongAttempts >= 3) code.status = "exhausted";
      return {
        status: 200,
        document: { result: code.status === "exhausted" ? "max_attempts_reached" : "incorrect" },
      };
    }
    code.status = "verified";
    Object.assign(customer, { verifiedAtMs: nowMs, accountId: customer.id });
    return { status: 200, document: { result: "verified", user_id: customer.id } };
  }

  #deliver({ subject }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    const order = stock.restocks.get(subject ?? "");
    if (order === undefined) return stock.problem("restock_order_not_found");
    if (order.status !== "delivered") {
      const event = stock.eventOf(order);
      event.capacity += order.quantity;
      event.available += order.quantity;
      Object.assign(order, { status: "delivered", deliveredAtMs: nowMs });
      stock.audits.push({ eventId: event.id, action: "restocked", reason: "delivered", atMs: nowMs });
    }
    return { status: 200, document: { id: order.id, status: order.status } };
  }

  #changeEvent({ event: id, body }: SimulatedRequest, nowMs: number): SimulatedReply {
    const { stock } = this;
    if (id === null) return { status: 201, document: showEvent(this.#createEvent(body ?? {}, nowMs)) };
    const event = stock.events.get(id);
    if (event === undefined) return stock.problem("event_not_found");
    const audit = (action: "paused" | "resumed" | "changed", reason: string | null) =>
      stock.audits.push({ eventId: id, action, reason, atMs: nowMs });
    if (body?.["capacity"] !== undefined) {
      const capacity = Number(body["capacity"]);
      const taken = event.held + event.sold;
      if (capacity < taken) return stock.problem("capacity_too_low", { held_and_sold: taken });
      Object.assign(event, { capacity, available: capacity - taken });
      audit("changed", null);
    } else {
      const isPausing = body?.["reason"] !== undefined;
      if (event.isPaused !== isPausing) audit(isPausing ? "paused" : "resumed", isPausing ? "why" : null);
      event.isPaused = isPausing;
    }
    return { status: 200, document: showEvent(event) };
  }

  #createEvent(body: Readonly<Record<string, unknown>>, nowMs: number) {
    const id = this.stock.newId("event");
    const capacity = Number(body["capacity"]);
    const holdSeconds = Number(body["hold_seconds"] ?? 1);
    const stock = { capacity, available: capacity, held: 0, sold: 0 };
    const terms = { priceCents: 0, holdSeconds, maxQuantity: 4, maxExtensions: 2, isPaused: false };
    const event = {
      id,
      ...stock,
      ...terms,
      asksForPhone: body["requires_verified_phone"] === true,
      createdAtMs: nowMs,
    };
    this.stock.events.set(id, event);
    const restock = {
      id: this.stock.newId("restock"),
      eventId: id,
      quantity: 5,
      supplierUrl: "https://a.example",
    };
    this.stock.restocks.set(restock.id, { ...restock, status: "placed", deliveredAtMs: null });
    return event;
  }

  #read({ event: id, subject }: SimulatedRequest): SimulatedReply {
    const row: ReservationRow | undefined = this.stock.reservations.get(subject ?? "");
    if (row !== undefined) return { status: 200, document: showReservation(row) };
    const event = this.stock.events.get(id ?? "");
    if (event === undefined) return this.stock.problem("event_not_found");
    return { status: 200, document: { data: [showEvent(event)] } };
  }
}
