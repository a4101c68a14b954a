import { setTimeout as wait } from "node:timers/promises";
import type { Effort } from "./keep-trying.ts";
import type { Slots } from "./limit-at-once.ts";
import type { Arrival } from "./plan-arrivals.ts";
import type { SaleLedger } from "./sale-ledger.ts";

/** What buyers need of the service. */
export interface TicketDesk {
  userIdOf(buyerNumber: number): string;
  hold(buyerNumber: number): Promise<Effort>;
  confirm(reservationId: string, buyerNumber: number): Promise<Effort>;
}

export interface Sale {
  readonly plan: Iterable<Arrival>;
  readonly desk: TicketDesk;
  readonly ledger: SaleLedger;
  readonly slots: Slots;
  /** No buyer is sent and no payment is begun once this is aborted. */
  readonly stopping: AbortSignal;
  /** Called after each arrival. */
  readonly onArrival: () => void;
  /** Called after each buyer has been served to the end. */
  readonly onFinish: () => void;
}

/** Timers are no more exact than this, so nobody waits for less. */
const timerMs = 1;
/** Less is the unrest of timers. */
const lateFromMs = 100;

/**
 * Sends every buyer at the planned time, whether or not earlier ones have been answered, and waits until all have
 * been served or the sale is stopped. What each was told is written into the ledger.
 */
export async function sendBuyers(sale: Sale): Promise<void> {
  const { plan, ledger, slots, stopping } = sale;
  const underWay = new Set<Promise<void>>();
  const failed = new AbortController();
  const stop = AbortSignal.any([stopping, failed.signal]);
  const startMs = performance.now();
  for (const arrival of plan) {
    await waitUntil(startMs + arrival.atMs, stop);
    if (stop.aborted) break;
    await takeSlot(slots, ledger, startMs + arrival.atMs);
    if (stop.aborted) {
      slots.give();
      break;
    }
    ledger.recordArrival(performance.now());
    const served = serveBuyer(sale, arrival, startMs + arrival.atMs)
      // A defect in this program must not look like a slow sale.
      .catch((error: unknown) => failed.abort(error))
      .finally(() => underWay.delete(served));
    underWay.add(served);
    sale.onArrival();
  }
  await Promise.all(underWay);
  if (failed.signal.aborted) throw failed.signal.reason;
}

async function waitUntil(atMs: number, stop: AbortSignal): Promise<void> {
  const waitMs = atMs - performance.now();
  if (waitMs > timerMs) await wait(waitMs, undefined, { signal: stop }).catch(() => {});
}

/** Whoever starts late is delayed, by a full house or by those who were delayed before. */
async function takeSlot(slots: Slots, ledger: SaleLedger, plannedMs: number): Promise<void> {
  const isHouseFull = slots.isFull;
  await slots.take();
  const lateMs = performance.now() - plannedMs;
  if (!isHouseFull && lateMs < lateFromMs) return;
  ledger.delayed += 1;
  ledger.delayMsMax = Math.max(ledger.delayMsMax, lateMs);
}

/** @param arrivedAtMs as planned: time lost before the request was sent is time that the buyer waited */
async function serveBuyer(sale: Sale, arrival: Arrival, arrivedAtMs: number): Promise<void> {
  const { desk, ledger, slots, stopping } = sale;
  const { number, confirms, thinkMs } = arrival;
  const userId = desk.userIdOf(number);
  let reservationId: string | null;
  try {
    const effort = await desk.hold(number);
    const when = { sinceMs: arrivedAtMs, nowMs: performance.now() };
    reservationId = ledger.recordHold({ number, userId }, effort, when);
  } finally {
    slots.give();
  }
  if (reservationId !== null && confirms) {
    await waitUntil(performance.now() + thinkMs, stopping);
    if (!stopping.aborted) await pay(sale, { number, userId, reservationId });
  }
  ledger.finished += 1;
  sale.onFinish();
}

async function pay(
  { desk, ledger, slots }: Sale,
  buyer: { readonly number: number; readonly userId: string; readonly reservationId: string },
): Promise<void> {
  const sinceMs = performance.now();
  await slots.take();
  try {
    const effort = await desk.confirm(buyer.reservationId, buyer.number);
    ledger.recordConfirm(buyer.userId, effort, { sinceMs, nowMs: performance.now() });
  } finally {
    slots.give();
  }
}
