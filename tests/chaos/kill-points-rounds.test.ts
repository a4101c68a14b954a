import { expect, test } from "vitest";
import type { Fault } from "../../chaos/faults/fault.ts";
import type { StrikeOrder, StrikeOutcome } from "../../chaos/kill-points/point-controller.ts";
import type { PairStrikes } from "../../chaos/kill-points/pair-strikes.ts";
import { sweepPoints } from "../../chaos/kill-points/sweep-points.ts";
import type { SweptPair } from "../../chaos/kill-points/sweep-report.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";

// A sweep over points that are passed as the test says. What it does to a real service is another test's.

const never = new AbortController().signal;
/** Long enough for every strike here: they take no time. */
const durationMs = 4_000;
const learnMs = durationMs * 0.15;

interface Sweep {
  /** How often each point is passed in a second. */
  readonly rates: Readonly<Record<string, number>>;
  readonly strikesEach: number;
  /** Who comes by. @returns the order that is carried out */
  readonly comeBy: (orders: readonly StrikeOrder[]) => StrikeOutcome;
  readonly earlier?: readonly PairStrikes[];
  readonly isPatient?: boolean;
}

async function sweep({ rates, strikesEach, comeBy, ...rest }: Sweep) {
  const armed: (readonly StrikeOrder[])[] = [];
  let hasLooked = false;
  const report = await sweepPoints({
    system: {
      points: {
        // The first look is the beginning; later ones see what was passed since.
        seen: async () => {
          const passed = Object.entries(rates).map(
            ([point, rate]) => [point, hasLooked ? rate * 10 : 0] as const,
          );
          hasLooked = true;
          return new Map(passed);
        },
        strike: async (orders) => {
          armed.push(orders);
          return comeBy(orders);
        },
        setClockOffset: () => {},
        setCrashAtStart: () => {},
      },
      postmasterPid: async () => 4_000,
      workerPids: async () => [1_000, 1_001],
    },
    inject: async (fault: Fault, random) => {
      let isDone = false;
      const context = { random, signal: never, begun: () => (isDone = true), over: () => {} };
      await fault.inject(context as unknown as Parameters<Fault["inject"]>[0]);
      return isDone;
    },
    random: new SeededRandom(1),
    signal: never,
    strikesEach,
    durationMs,
    // Rates are of the time that has gone by, so that a point with a rate of 1 is far above this.
    perSecondMin: 1,
    ...rest,
  });
  return { report, armed };
}

function strikeFirst(orders: readonly StrikeOrder[]): StrikeOutcome {
  const [order] = orders;
  return order === undefined ? { kind: "nobody_came" } : strike(order);
}

function strike({ point, victim }: StrikeOrder): StrikeOutcome {
  return { kind: "struck", strike: { point, victim, pid: 2_000, workerPid: 1_000 } };
}

function countsOf(pairs: readonly SweptPair[]): Record<string, number> {
  return Object.fromEntries(pairs.map(({ point, victim, strikes }) => [`${victim} ${point}`, strikes]));
}

test("every pair is struck as often as was asked for, and no more", async () => {
  const rates = { "before commit": 50, "after select from events": 50 };
  const { report } = await sweep({ rates, strikesEach: 3, comeBy: strikeFirst });
  const strikes = countsOf(report.pairs);
  expect(Object.keys(strikes)).toHaveLength(6);
  expect(new Set(Object.values(strikes))).toEqual(new Set([3]));
  expect(report.seconds * 1_000).toBeGreaterThanOrEqual(learnMs);
});

test("all points of one victim are armed together, those first at which most is at stake", async () => {
  const rates = { "before commit": 50, "after reply": 50, "after select from events": 50 };
  const { armed } = await sweep({ rates, strikesEach: 1, comeBy: strikeFirst });
  for (const orders of armed) expect(new Set(orders.map(({ victim }) => victim)).size).toBe(1);
  expect(armed[0]?.map(({ point }) => point)).toEqual(["after reply", "before commit"]);
  expect(armed.at(-1)?.map(({ point }) => point)).toEqual(["after select from events"]);
});

test("a server's process is killed only as a child of the postmaster of that moment", async () => {
  const { armed } = await sweep({ rates: { "before commit": 50 }, strikesEach: 1, comeBy: strikeFirst });
  expect(armed.flat().map(({ victim, pid }) => [victim, pid])).toEqual(
    expect.arrayContaining([
      ["worker", null],
      ["backend", 4_000],
      ["postmaster", 4_000],
    ]),
  );
});

test("a point that nobody comes to is counted as missed in each round, and ends nothing else", async () => {
  const rates = { "before commit": 50, "before update orders": 50 };
  const comeBy = (orders: readonly StrikeOrder[]) =>
    strikeFirst(orders.filter(({ point }) => point === "before commit"));
  const { report } = await sweep({ rates, strikesEach: 2, comeBy });
  const of = (point: string) => report.pairs.filter((pair) => pair.point === point);
  expect(of("before commit").map(({ strikes }) => strikes)).toEqual([2, 2, 2]);
  for (const { strikes, missed } of of("before update orders")) {
    expect(strikes).toBe(0);
    expect(missed).toBeGreaterThan(0);
  }
});

test("a point at which there was nobody to hurt is left, and the others stay armed", async () => {
  const rates = { "before commit": 50, "before reply": 50 };
  const comeBy = (orders: readonly StrikeOrder[]): StrikeOutcome => {
    const reply = orders.find(({ point, victim }) => point === "before reply" && victim === "backend");
    return reply === undefined
      ? strikeFirst(orders)
      : { kind: "spared", point: reply.point, why: "There is no connection here." };
  };
  const { report } = await sweep({ rates, strikesEach: 1, comeBy });
  expect(countsOf(report.pairs)).toMatchObject({
    "backend before commit": 1,
    "backend before reply": 0,
    "worker before reply": 1,
  });
});

test("what is passed too seldom is struck when somebody comes by, and never waited for", async () => {
  const rates = { "before commit": 50, "after update orders": 0.01, "before update orders": 0.01 };
  const isSeldom = ({ point }: StrikeOrder) => point === "after update orders";
  const comeBy = (orders: readonly StrikeOrder[]) =>
    strikeFirst([...orders.filter(isSeldom), ...orders.filter((order) => !isSeldom(order))]);
  const usually = (orders: readonly StrikeOrder[]) =>
    strikeFirst(orders.filter(({ point }) => point === "before commit"));
  const seldom = await sweep({ rates, strikesEach: 1, comeBy });
  expect(countsOf(seldom.report.pairs)).toMatchObject({
    "worker after update orders": 1,
    "worker before commit": 1,
  });
  const absent = await sweep({ rates, strikesEach: 1, comeBy: usually });
  expect(absent.armed.every((orders) => orders.some(({ point }) => point === "before commit"))).toBe(true);
  expect(Object.keys(countsOf(absent.report.pairs))).toHaveLength(3);
  expect(absent.report.unswept.map(({ point }) => point).toSorted()).toEqual([
    "after update orders",
    "before update orders",
  ]);
});

test("a sweep that continues another strikes what is left to be struck, and tells both together", async () => {
  const earlier: PairStrikes[] = [
    { point: "before commit", victim: "worker", strikes: 3 },
    { point: "before commit", victim: "backend", strikes: 1 },
    { point: "before rollback", victim: "worker", strikes: 2 },
  ];
  const { report } = await sweep({
    rates: { "before commit": 50 },
    strikesEach: 3,
    comeBy: strikeFirst,
    earlier,
  });
  expect(countsOf(report.pairs)).toEqual({
    "worker before commit": 0,
    "backend before commit": 2,
    "postmaster before commit": 3,
  });
  expect(report.strikes).toEqual([
    { point: "before commit", victim: "backend", strikes: 3 },
    { point: "before commit", victim: "postmaster", strikes: 3 },
    { point: "before commit", victim: "worker", strikes: 3 },
    { point: "before rollback", victim: "worker", strikes: 2 },
  ]);
});

test("a patient sweep waits again for those to whom nobody came, and another does not", async () => {
  const struckBy = async (isPatient: boolean) => {
    let looks = 0;
    const comeBy = (orders: readonly StrikeOrder[]): StrikeOutcome => {
      looks += 1;
      return looks > 10 ? strikeFirst(orders) : { kind: "nobody_came" };
    };
    const { report } = await sweep({ rates: { "before commit": 50 }, strikesEach: 1, comeBy, isPatient });
    return report.pairs.map(({ strikes }) => strikes);
  };
  expect(await struckBy(false)).toEqual([0, 0, 0]);
  expect(await struckBy(true)).toEqual([1, 1, 1]);
});
