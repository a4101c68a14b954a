import { describe, expect, test } from "vitest";
import { isWeighty, listPairs, ratesOf } from "../../chaos/kill-points/list-pairs.ts";
import { nameStatement } from "../../chaos/kill-points/name-statement.ts";
import { PassedPoints } from "../../chaos/kill-points/passed-points.ts";
import { SweepTally, tellSweep } from "../../chaos/kill-points/sweep-report.ts";

describe("a statement", () => {
  test.each([
    ["lock-events", "select id from events for no key update", "lock-events", "other"],
    ["insert-holds", "insert into reservations (id) select 1", "insert-holds", "write"],
    [undefined, "begin", "begin", "begin"],
    [undefined, "START TRANSACTION isolation level serializable", "begin", "begin"],
    [undefined, "commit", "commit", "commit"],
    [undefined, "rollback", "rollback", "rollback"],
    [undefined, "rollback to savepoint s7", "rollback to", "other"],
    [undefined, "savepoint s12", "savepoint", "other"],
    [undefined, 'insert into "customers" ("id") values ($1)', "insert into customers", "write"],
    [undefined, 'update "orders" set "status" = $1', "update orders", "write"],
    [undefined, "select id from carts where id = $1 for update", "select from carts", "other"],
    [
      undefined,
      "select extract(epoch from expires_at) from reservations",
      "select from reservations",
      "other",
    ],
    [
      undefined,
      "with due as (select 1 from jobs for update skip locked) update pgboss.job set a = 1",
      "update pgboss.job",
      "write",
    ],
    [undefined, "insert into keys values (1) on conflict do update set a = 1", "insert into keys", "write"],
    [undefined, "select pg_current_xact_id()::text as id", "select pg_current_xact_id text as", "other"],
    [
      undefined,
      "BEGIN; SET LOCAL lock_timeout = 1; select 1; COMMIT",
      "begin set local lock_timeout",
      "begin",
    ],
  ] as const)("prepared as %s, %s is called %s", (prepared, text, name, kind) => {
    expect(nameStatement(prepared, text)).toEqual({ name, kind });
  });
});

describe("the points of a process", () => {
  test("are told once, with how often they were passed", () => {
    const points = new PassedPoints("supervisor: ");
    const place = () => ({ backendPid: null, flush: () => true });
    for (const name of ["before a", "after a", "before a"]) points.pass(points.named(name), place);
    expect(points.take()).toEqual({ "supervisor: before a": 2, "supervisor: after a": 1 });
    expect(points.take()).toEqual({});
  });
});

describe("the pairs of a sweep", () => {
  test("are every victim at every point, but no worker at the supervisor's, whatever process told first", () => {
    const rates = ["before a", "after a", "supervisor: before b", "before c"].map((point) => ({
      point,
      perSecond: 2,
    }));
    const pairs = listPairs(rates);
    const told = pairs.map(({ point, victim }) => `${victim} ${point}`);
    expect(told).toHaveLength(3 * 3 + 2);
    expect(new Set(told).size).toBe(told.length);
    expect(told).not.toContain("worker supervisor: before b");
    expect(listPairs(rates.toReversed())).toEqual(pairs);
  });

  test.each([
    ["before select-clock", false],
    ["after select from events", false],
    ["before commit of update orders", true],
    ["after reply", true],
    ["before lock-events", true],
  ])("at %s are weighty: %s", (point, expected) => {
    expect(isWeighty({ point, victim: "worker" })).toBe(expected);
  });

  test("are of points that were passed since the sweep began", () => {
    const before = new Map([
      ["before a", 5],
      ["before start", 5],
    ]);
    const now = new Map([
      ["before a", 8],
      ["after a", 30],
      ["before start", 5],
    ]);
    const rates = ratesOf(before, now, 10_000);
    expect(rates).toEqual([
      { point: "before a", perSecond: 0.3 },
      { point: "after a", perSecond: 3 },
      { point: "before start", perSecond: 0 },
    ]);
    expect(new Set(listPairs(rates).map(({ point }) => point))).toEqual(new Set(["before a", "after a"]));
  });
});

test("a report tells strikes, the longest recovery and what was left out", () => {
  const tally = new SweepTally();
  const [worker, postmaster] = (["worker", "postmaster"] as const).map((victim) => ({
    point: "before commit",
    victim,
  }));
  if (worker === undefined || postmaster === undefined) throw new Error("unreachable");
  tally.addStrike(worker, 120);
  tally.addStrike(worker, 80);
  tally.addStrike(postmaster, null);
  tally.addMissed(postmaster);
  tally.plan({ point: "after commit", victim: "worker" });
  const unswept = [
    { point: "after recount-orders", perSecond: 0.01 },
    { point: "before select version", perSecond: 0 },
  ];
  const report = { strikesEach: 2, pairs: tally.all(), strikes: tally.allStrikes(), unswept, seconds: 12 };
  const lines = tellSweep(report);
  expect(tally.of(postmaster)).toMatchObject({
    strikes: 1,
    missed: 1,
    unrecovered: 1,
    recoveryWorstMs: null,
  });
  const text = lines.join("\n");
  expect(text).toContain(
    "3 strikes in 12 s: 2 of 3 pairs of point and victim struck, 1 of them 2 times or more.",
  );
  expect(text).toMatch(/before commit +2 \(0\.12 s\) +0 +1 1 lasted/);
  expect(text).toContain(
    "Not struck: 1 pairs; nobody came by in time at 0, the time was over before the others.",
  );
  expect(text).toMatch(/too seldom: 1 points\.\n +0\.6 a minute +after recount-orders/);
  expect(text).toMatch(/never again: 1 points/);
  expect(text).not.toContain("earlier");
  const earlier = { point: "before rollback", victim: "backend", strikes: 2 } as const;
  expect(tellSweep({ ...report, strikes: [...report.strikes, earlier] })[1]).toBe(
    "With earlier sweeps 5 strikes: 3 of 4 pairs of point and victim struck, 2 of them 2 times or more.",
  );
});
