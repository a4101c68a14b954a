import type { Cart } from "../../api/domain/cart.ts";
import type {
  BeginCheckoutCommand,
  ExtendCartCommand,
  PutCartItemCommand,
  RefundOrderCommand,
  RemoveCartItemCommand,
  Requester,
  SettleOrderCommand,
  StockCommand,
} from "../../api/domain/commands.ts";
import type { Order } from "../../api/domain/order.ts";
import {
  cartRow,
  type Line,
  type ModelCart,
  type ModelOrder,
  newCart,
  newOrder,
  orderRow,
} from "./cart-model-rows.ts";
import { type ModelOutcome, StockModel } from "./stock-model.ts";

/**
 * The rules of carts and orders told a second time, over the model's shelves of tickets. Like those it shares no code
 * with the service, and knows no transaction: one command at a time.
 */
export class CartModel {
  readonly stock = new StockModel();
  readonly carts = new Map<string, ModelCart>();
  readonly orders: ModelOrder[] = [];
  /** What is to be done, as `QUEUE ID`. */
  readonly jobs = new Set<string>();

  run(command: StockCommand, nowMs: number, makeId: () => string): ModelOutcome {
    switch (command.kind) {
      case "put_cart_item":
        return this.#put(command, nowMs, makeId);
      case "remove_cart_item":
      case "extend_cart":
      case "begin_checkout":
        return this.#change(command, nowMs);
      case "settle_order":
      case "refund_order":
        return this.#finish(command, nowMs, makeId);
      case "receive_delivery":
      case "close_restock":
      case "reopen_restock":
        throw new Error("The model knows no restock orders.");
      default:
        return this.stock.run(command, nowMs, makeId);
    }
  }

  cartRows(): Cart[] {
    return [...this.carts.values()].map(cartRow);
  }

  orderRows(): Order[] {
    return this.orders.map(orderRow);
  }

  #put(command: PutCartItemCommand, nowMs: number, makeId: () => string): ModelOutcome {
    const { cartId, eventId, userId, quantity, requester } = command;
    if (!this.stock.shelves.has(eventId)) return { kind: "event_not_found" };
    const known = this.carts.get(cartId);
    const cart = known ?? newCart(cartId, userId, nowMs);
    if (cart.userId !== userId || !isMine(cart, requester)) return { kind: "cart_not_found" };
    const bought = refuseBought(cart);
    if (bought !== null) return bought;
    const living = cart.lines.filter((line) => lives(line, nowMs));
    const same = living.find(({ terms }) => terms.eventId === eventId);
    if (same?.terms.quantity === quantity) return this.#show(cart, nowMs);

    const verifiedPhone = same?.reservation.verifiedPhone ?? this.stock.phoneFor(eventId, userId);
    const unfit = this.stock.refuseTerms(eventId, quantity, nowMs, verifiedPhone);
    if (unfit !== null) return unfit;
    const { terms } = this.stock.shelf(eventId);
    const foreign = living.find((line) => line !== same && line.terms.currency !== terms.currency);
    if (foreign !== undefined) return { kind: "currency_mismatch", currency: foreign.terms.currency };
    const owner = { userId, verifiedPhone };
    const shortage = this.stock.findSeats(eventId, owner, quantity, nowMs, same?.reservation);
    if (shortage !== null) return shortage;

    if (living.length === 0) {
      cart.deadlineMs = nowMs + 1000 * terms.holdSeconds;
      cart.extensions = 0;
    }
    if (same !== undefined)
      this.stock.giveBack(same.reservation, "cancelled", `cancelled_by_${requester.role}`, nowMs);
    const expiresAtMs = cart.deadlineMs ?? Number.NaN;
    const reservation = this.stock.seat(
      { ...owner, id: makeId(), eventId, quantity, expiresAtMs, cartId },
      nowMs,
    );
    const { name, priceCents, currency } = terms;
    const line = { terms: { eventId, quantity, name, priceCents, currency }, reservation };
    const place = cart.lines.findIndex((each) => each.terms.eventId === eventId);
    cart.lines.splice(place < 0 ? cart.lines.length : place, place < 0 ? 0 : 1, line);
    this.carts.set(cartId, cart);
    return this.#show(cart, nowMs);
  }

  #change(
    command: RemoveCartItemCommand | ExtendCartCommand | BeginCheckoutCommand,
    nowMs: number,
  ): ModelOutcome {
    const cart = this.carts.get(command.cartId);
    if (cart === undefined || !isMine(cart, command.requester)) return { kind: "cart_not_found" };
    const bought = refuseBought(cart);
    if (bought !== null) return bought;
    if (command.kind === "remove_cart_item") return this.#remove(cart, command, nowMs);
    return command.kind === "extend_cart"
      ? this.#extend(cart, command, nowMs)
      : this.#begin(cart, command, nowMs);
  }

  #remove(cart: ModelCart, { eventId, requester }: RemoveCartItemCommand, nowMs: number): ModelOutcome {
    const line = cart.lines.find(({ terms }) => terms.eventId === eventId);
    if (line !== undefined) {
      cart.lines = cart.lines.filter((each) => each !== line);
      if (line.reservation.status === "held" && !this.stock.lapse(line.reservation, nowMs))
        this.stock.giveBack(line.reservation, "cancelled", `cancelled_by_${requester.role}`, nowMs);
      const isOver = !cart.lines.some((each) => lives(each, nowMs));
      if (isOver && cart.deadlineMs !== null) cart.deadlineMs = Math.min(cart.deadlineMs, nowMs);
      if (cart.lines.length === 0) cart.deadlineMs = null;
    }
    return this.#show(cart, nowMs);
  }

  #extend(cart: ModelCart, command: ExtendCartCommand, nowMs: number): ModelOutcome {
    if (cart.lines.length === 0) return { kind: "cart_empty" };
    if (cart.deadlineMs === null || cart.deadlineMs <= nowMs)
      return { kind: "cart_expired", expiredAtMs: cart.deadlineMs };
    const living = cart.lines.filter((line) => lives(line, nowMs));
    if (!living.every(({ terms }) => command.eventIds.includes(terms.eventId)))
      return { kind: "cart_outdated" };
    if (this.#extensionsLeft(cart, nowMs) === 0) return { kind: "cart_extension_limit" };
    const periods = living.map(({ terms }) => this.stock.shelf(terms.eventId).terms.holdSeconds);
    cart.deadlineMs += 1000 * Math.min(...periods);
    cart.extensions += 1;
    for (const { reservation } of living) {
      reservation.expiresAtMs = cart.deadlineMs;
      reservation.extendedAtMs = [...reservation.extendedAtMs, nowMs];
    }
    return this.#show(cart, nowMs);
  }

  #begin(cart: ModelCart, command: BeginCheckoutCommand, nowMs: number): ModelOutcome {
    if (cart.lines.length === 0) return { kind: "cart_empty" };
    const living = cart.lines.filter((line) => lives(line, nowMs));
    if (cart.deadlineMs === null || living.length === 0)
      return { kind: "cart_expired", expiredAtMs: cart.deadlineMs };
    if (!living.every(({ terms }) => command.eventIds.includes(terms.eventId)))
      return { kind: "cart_outdated" };
    const lines = living.map((line) => ({ ...line }));
    const isFree = living.every(({ terms }) => terms.priceCents === 0);
    if (!isFree && !command.isProviderAvailable) return { kind: "provider_not_available" };
    const holdUntilMs = Math.max(cart.deadlineMs, nowMs + command.graceMs);
    const order: ModelOrder = { cart, lines, row: newOrder(command, holdUntilMs, nowMs) };
    this.orders.push(order);
    cart.order = order;
    if (isFree) {
      for (const { reservation } of living) this.stock.sell(reservation, nowMs);
      Object.assign(order.row, { status: "paid", settledAtMs: nowMs, paidAtMs: nowMs });
      order.row.payment = { ...order.row.payment, status: "none", token: null };
      this.jobs.add(`send-receipt ${order.row.id}`);
      return { kind: "order_settled", order: orderRow(order) };
    }
    for (const { reservation } of living) reservation.expiresAtMs = holdUntilMs;
    this.jobs.add(`settle-payment ${order.row.id}`);
    return { kind: "order_begun", order: orderRow(order) };
  }

  #finish(
    command: SettleOrderCommand | RefundOrderCommand,
    nowMs: number,
    makeId: () => string,
  ): ModelOutcome {
    const order = this.orders.find(({ row }) => row.id === command.orderId);
    if (order === undefined || order.cart.id !== command.cartId) return { kind: "order_not_found" };
    const { status } = order.row;
    const isDue = status === (command.kind === "settle_order" ? "pending" : "paid");
    if (!isDue && (command.kind === "settle_order" || status === "refunded"))
      return { kind: "order_settled", order: orderRow(order) };
    if (!isDue) return { kind: "order_not_paid", status };
    if (!order.lines.every(({ terms }) => command.eventIds.includes(terms.eventId)))
      return { kind: "cart_outdated" };
    if (command.kind === "refund_order") this.#takeBack(order, nowMs);
    else this.#settle(order, command.result, nowMs, makeId);
    return { kind: "order_settled", order: orderRow(order) };
  }

  #settle(
    order: ModelOrder,
    result: SettleOrderCommand["result"],
    nowMs: number,
    makeId: () => string,
  ): void {
    this.jobs.delete(`settle-payment ${order.row.id}`);
    order.row.settledAtMs = nowMs;
    const payment = { ...order.row.payment, token: null };
    if (result.kind === "succeeded") {
      order.row.payment = { ...payment, status: "succeeded", reference: result.reference };
      this.#deliver(order, nowMs, makeId);
      return;
    }
    for (const { reservation } of order.lines) {
      if (reservation.status !== "held") continue;
      reservation.expiresAtMs = order.cart.deadlineMs ?? Number.NaN;
      this.stock.lapse(reservation, nowMs);
    }
    const wasDeclined = result.kind === "declined";
    order.row.status = wasDeclined ? "declined" : "cancelled";
    const declineReason = wasDeclined ? result.reason : null;
    order.row.payment = { ...payment, status: wasDeclined ? "declined" : "never_charged", declineReason };
  }

  /** Hands out what was paid for, all of it or nothing. */
  #deliver(order: ModelOrder, nowMs: number, makeId: () => string): void {
    const { cart, lines, row } = order;
    const ownerOf = ({ reservation: { verifiedPhone } }: Line) => ({ userId: cart.userId, verifiedPhone });
    const isThere = (line: Line) =>
      this.stock.findSeats(line.terms.eventId, ownerOf(line), line.terms.quantity, nowMs) === null;
    if (!lines.every((line) => lives(line, nowMs) || isThere(line))) {
      for (const { reservation } of lines)
        if (reservation.status === "held")
          this.stock.giveBack(reservation, "expired", "deadline_passed", nowMs);
      this.#payBack(order);
      return;
    }
    for (const line of lines) {
      const { eventId, quantity } = line.terms;
      if (!lives(line, nowMs)) {
        const expiresAtMs = nowMs + 1000 * this.stock.shelf(eventId).terms.holdSeconds;
        const asked = { id: makeId(), eventId, quantity, expiresAtMs, cartId: cart.id };
        line.reservation = this.stock.seat({ ...ownerOf(line), ...asked }, nowMs);
        for (const listed of cart.lines)
          if (listed.terms.eventId === eventId) listed.reservation = line.reservation;
      }
      this.stock.sell(line.reservation, nowMs);
    }
    Object.assign(row, { status: "paid", paidAtMs: nowMs });
    this.jobs.add(`send-receipt ${row.id}`);
  }

  #takeBack(order: ModelOrder, nowMs: number): void {
    for (const { reservation } of order.lines)
      this.stock.giveBack(reservation, "cancelled", "cancelled_by_service", nowMs);
    this.#payBack(order);
  }

  #payBack({ row }: ModelOrder): void {
    const hasCost = row.payment.status !== "none";
    row.status = "refunded";
    if (hasCost) this.jobs.add(`refund-payment ${row.id}`);
    row.payment = { ...row.payment, status: hasCost ? "refunding" : "none" };
    this.jobs.add(`send-receipt ${row.id.replace(/^(.{14})7/, "$18")}`);
  }

  #extensionsLeft(cart: ModelCart, nowMs: number): number {
    const living = cart.lines.filter((line) => lives(line, nowMs));
    const left = living.map(
      ({ terms }) => this.stock.shelf(terms.eventId).terms.maxExtensions - cart.extensions,
    );
    return left.length === 0 ? 0 : Math.max(0, Math.min(...left));
  }

  #show(cart: ModelCart, nowMs: number): ModelOutcome {
    const view = {
      cart: cartRow(cart),
      reservations: new Map(cart.lines.map(({ reservation }) => [reservation.id, { ...reservation }])),
      orderStatus: cart.order?.row.status ?? null,
      extensionsLeft: this.#extensionsLeft(cart, nowMs),
      nowMs,
    };
    return { kind: "cart_saved", view };
  }
}

function lives({ reservation }: Line, nowMs: number): boolean {
  return reservation.status === "held" && nowMs < reservation.expiresAtMs;
}

function isMine(cart: ModelCart, requester: Requester): boolean {
  return requester.role !== "buyer" || requester.userId === cart.userId;
}

function refuseBought({ order }: ModelCart): ModelOutcome | null {
  if (order === null || order.row.status === "declined" || order.row.status === "cancelled") return null;
  const kind = order.row.status === "pending" ? "checkout_in_progress" : "cart_ordered";
  return { kind, orderId: order.row.id };
}
