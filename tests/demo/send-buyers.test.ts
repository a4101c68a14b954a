import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Effort } from "../../demo/keep-trying.ts";
import { Slots } from "../../demo/limit-at-once.ts";
import type { Arrival } from "../../demo/plan-arrivals.ts";
import { SaleLedger } from "../../demo/sale-ledger.ts";
import { sendBuyers, type TicketDesk } from "../../demo/send-buyers.ts";
import { waitFor } from "../support/wait-for.ts";

const held = (number: number): Effort => ({
  kind: "answered",
  answer: { status: 201, retryAfter: null, body: { id: `id-${number}` } },
  tries: 1,
});
const confirmed: Effort = {
  kind: "answered",
  answer: { status: 200, retryAfter: null, body: {} },
  tries: 1,
};
const refusedWith = (status: number, code: string): Effort => ({
  kind: "answered",
  answer: { status, retryAfter: null, body: { code } },
  tries: 1,
});

/** A desk that answers when it is told to. */
class PretendDesk implements TicketDesk {
  readonly asked: number[] = [];
  readonly paid: string[] = [];
  underWayMax = 0;
  #underWay = 0;
  readonly #answers: (() => void)[] = [];
  #isOpen = false;
  readonly #answer: (number: number) => Effort;

  constructor(answer: (number: number) => Effort = held) {
    this.#answer = answer;
  }

  userIdOf(number: number): string {
    return `user-${number}`;
  }

  async hold(number: number): Promise<Effort> {
    this.asked.push(number);
    await this.#wait();
    return this.#answer(number);
  }

  async confirm(reservationId: string): Promise<Effort> {
    this.paid.push(reservationId);
    await this.#wait();
    return confirmed;
  }

  answerEverything(): void {
    this.#isOpen = true;
    for (const answer of this.#answers.splice(0)) answer();
  }

  async #wait(): Promise<void> {
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    if (!this.#isOpen) await new Promise<void>((resolve) => this.#answers.push(resolve));
    await turn();
    this.#underWay -= 1;
  }
}

function plan(buyers: number, change: Partial<Arrival> = {}): Arrival[] {
  return Array.from({ length: buyers }, (_, index) => ({
    number: index + 1,
    atMs: 0,
    confirms: true,
    thinkMs: 0,
    ...change,
  }));
}

function startSale(desk: TicketDesk, arrivals: Iterable<Arrival>, slotsMax = 100) {
  const ledger = new SaleLedger();
  const stopping = new AbortController();
  const sale = {
    plan: arrivals,
    desk,
    ledger,
    slots: new Slots(slotsMax),
    stopping: stopping.signal,
    onArrival: () => {},
    onFinish: () => {},
  };
  return { ledger, stopping, ended: sendBuyers(sale) };
}

describe("buyers", () => {
  test("do not wait for each other's answers", async () => {
    const desk = new PretendDesk();
    const { ended, ledger } = startSale(desk, plan(50));
    await waitFor("everybody to have asked", () => desk.asked.length === 50);
    expect(ledger.held).toBe(0);
    desk.answerEverything();
    await ended;
    expect(ledger).toMatchObject({ arrived: 50, held: 50, confirmed: 50, finished: 50, delayed: 0 });
    expect(ledger.purchases.get("user-7")).toEqual({
      buyerNumber: 7,
      reservationId: "id-7",
      payment: "confirmed",
    });
  });

  test("are never more at once than allowed, payments included, and those who waited are counted", async () => {
    const desk = new PretendDesk();
    const { ended, ledger } = startSale(desk, plan(40), 8);
    await waitFor("the house to be full", () => desk.asked.length === 8);
    desk.answerEverything();
    await ended;
    expect(desk.underWayMax).toBe(8);
    expect(ledger).toMatchObject({ arrived: 40, held: 40, confirmed: 40 });
    expect(ledger.delayed).toBeGreaterThan(0);
    expect(ledger.delayed).toBeLessThanOrEqual(32);
  });

  test("pay only when they mean to and hold something", async () => {
    const desk = new PretendDesk((number) => (number <= 3 ? held(number) : refusedWith(409, "sold_out")));
    desk.answerEverything();
    const arrivals = plan(6).map((each) => ({ ...each, confirms: each.number !== 2 }));
    const { ended, ledger } = startSale(desk, arrivals);
    await ended;
    expect(desk.paid.toSorted()).toEqual(["id-1", "id-3"]);
    expect(ledger.holdRefusals).toEqual(new Map([["sold_out", 3]]));
    expect([...ledger.purchases.keys()]).toEqual(["user-1", "user-2", "user-3"]);
    expect(ledger.purchases.get("user-2")?.payment).toBe("not_sent");
  });

  test("stay in the books when they were told nothing", async () => {
    const desk = new PretendDesk(() => ({ kind: "gave_up", reason: "ECONNRESET", tries: 4 }));
    desk.answerEverything();
    const { ended, ledger } = startSale(desk, plan(2));
    await ended;
    expect(ledger).toMatchObject({ holdsUnknown: 2, retriedBuyers: 2, retries: 6, held: 0 });
    expect(ledger.holdLatenciesMs).toEqual([]);
    expect(ledger.purchases.get("user-1")).toMatchObject({ reservationId: null, payment: "not_sent" });
  });
});

test("silence lasts from the first who waits, or from the last answer, and not while nobody waits", () => {
  const ledger = new SaleLedger();
  const buyer = (number: number) => ({ number, userId: `user-${number}` });
  expect(ledger.silentMs(5_000)).toBe(0);
  ledger.recordArrival(10_000);
  ledger.recordArrival(11_000);
  expect(ledger.silentMs(12_000)).toBe(2_000);
  ledger.recordHold(buyer(1), held(1), { sinceMs: 10_000, nowMs: 13_000 });
  expect(ledger.silentMs(14_000)).toBe(1_000);
  ledger.recordHold(buyer(2), { kind: "gave_up", reason: "503", tries: 9 }, { sinceMs: 0, nowMs: 20_000 });
  expect(ledger.silentMs(90_000)).toBe(0);
});

describe("a sale that is stopped", () => {
  test("sends nobody else, waits for those under way and begins no payment", async () => {
    const desk = new PretendDesk();
    const arrivals = plan(10).map((each) => ({ ...each, atMs: each.number <= 4 ? 0 : 3_600_000 }));
    const { ended, ledger, stopping } = startSale(desk, arrivals);
    await waitFor("the first four", () => desk.asked.length === 4);
    stopping.abort();
    await turn();
    expect(ledger.finished).toBe(0);
    desk.answerEverything();
    await ended;
    expect(ledger).toMatchObject({ arrived: 4, held: 4, confirmed: 0, finished: 4 });
    expect(desk.paid).toEqual([]);
  });

  test("does not let those who think keep it waiting", async () => {
    const desk = new PretendDesk();
    desk.answerEverything();
    const { ended, ledger, stopping } = startSale(desk, plan(3, { thinkMs: 3_600_000 }));
    await waitFor("the holds", () => ledger.held === 3);
    stopping.abort();
    await ended;
    expect(ledger).toMatchObject({ held: 3, confirmed: 0 });
  });
});

test("a defect of this program ends the sale with that defect", async () => {
  const desk = new PretendDesk(() => {
    throw new TypeError("defect");
  });
  desk.answerEverything();
  const { ended } = startSale(desk, plan(3));
  await expect(ended).rejects.toThrow("defect");
});

test("slots are given in the order in which they were asked for, and none is lost", async () => {
  const slots = new Slots(3);
  const order: number[] = [];
  const takers = Array.from({ length: 200 }, async (_, index) => {
    await slots.take();
    order.push(index);
    await turn();
    slots.give();
  });
  await Promise.all(takers);
  expect(order).toEqual(Array.from({ length: 200 }, (_, index) => index));
  await Promise.all([slots.take(), slots.take(), slots.take()]);
  expect(slots.isFull).toBe(true);
});
