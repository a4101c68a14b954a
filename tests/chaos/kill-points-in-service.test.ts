import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Strike, StrikeOrder } from "../../chaos/kill-points/point-controller.ts";
import { openPointedService, type Outcome, type PointedService } from "../support/open-pointed-service.ts";
import { readPostmasterPid } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { isAlive } from "../support/watch-operations.ts";

// One service with its own server. Each test strikes once, and waits until everything serves again.

const strikeMaxMs = 10_000;
const never = new AbortController().signal;

let service: PointedService;
let eventId: string;

beforeAll(async () => {
  service = await openPointedService();
  eventId = await service.createEvent();
}, 150_000);
afterAll(() => service?.close());

afterEach(async () => {
  await service.settle(() => service.ask("GET", "/v1/events", null));
  await service.watch.awaitReady(2);
});

/** Asks for a ticket. @returns how to ask again in the very same way */
function makeHold(): { readonly userId: string; readonly send: () => Promise<Outcome> } {
  const [userId, key] = [randomUUID(), randomUUID()];
  const path = `/v1/events/${eventId}/reservations`;
  return { userId, send: () => service.ask("POST", path, { user_id: userId }, key) };
}

async function strikeDuring(
  order: Omit<StrikeOrder, "passage">,
  send: () => Promise<Outcome>,
): Promise<{ readonly strike: Strike; readonly first: Promise<Outcome> }> {
  const striking = service.points.controller.strike([{ ...order, passage: 1 }], strikeMaxMs, never);
  const first = send();
  const outcome = await striking;
  if (outcome.kind !== "struck") throw new Error(`At the point "${order.point}": ${outcome.kind}.`);
  return { strike: outcome.strike, first };
}

function rowsOf(userId: string): Promise<{ id: string }[]> {
  return service.query("select id from reservations where user_id = $1", [userId]);
}

async function expectOneEffect({ userId, send }: ReturnType<typeof makeHold>): Promise<void> {
  const settled = await service.settle(send);
  expect(settled.status).toBe(201);
  expect(await service.settle(send)).toEqual(settled);
  const { id } = JSON.parse(settled.text) as { id: string };
  expect(await rowsOf(userId)).toEqual([{ id }]);
}

test("a hold passes a point before and after each of its statements, and around its reply", async () => {
  const before = await service.points.controller.seen();
  expect(await makeHold().send()).toMatchObject({ status: 201 });
  const after = await service.points.controller.seen();
  const passed = [...after].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
  const steps = [
    "begin",
    "lock-free-events",
    "select-clock",
    "select-active-by-user",
    "select-idempotency-records",
    "insert-holds",
    "insert-idempotency-records",
    "update-stock",
    "commit",
    "reply",
  ];
  const points = steps.flatMap((step) => [`before ${step}`, `after ${step}`]);
  expect(passed).toEqual(expect.arrayContaining(points));
});

describe("a worker that is killed", () => {
  test.each([
    { point: "before begin", written: [0] },
    // The commit was sent in the same packet: the server may have got to it, or have seen first that nobody is there.
    { point: "after insert-holds", written: [0, 1] },
    { point: "before commit", written: [0] },
    { point: "after commit", written: [1] },
    { point: "before reply", written: [1] },
  ])("$point leaves one effect, which a retry is told of", async ({ point, written }) => {
    const workers = await service.watch.readyPids();
    const hold = makeHold();
    const { strike, first } = await strikeDuring({ point, victim: "worker", pid: null }, hold.send);
    expect(await first).toBe("no answer");
    expect(strike.pid).toBe(strike.workerPid);
    expect(workers).toContain(strike.pid);
    await waitFor("the worker's end", () => !isAlive(strike.pid));
    const rows = await rowsOf(hold.userId);
    expect(written).toContain(rows.length);
    await expectOneEffect(hold);
    // What was written stays what it was.
    expect(await rowsOf(hold.userId)).toEqual(expect.arrayContaining(rows));
  });

  test("after reply has sent it", async () => {
    const hold = makeHold();
    const { strike, first } = await strikeDuring(
      { point: "after reply", victim: "worker", pid: null },
      hold.send,
    );
    expect(await first).toMatchObject({ status: 201 });
    await waitFor("the worker's end", () => !isAlive(strike.pid));
    expect(await hold.send()).toEqual(await first);
  });

  test("is the only one, however many come to the point at once", async () => {
    const workers = await service.watch.readyPids();
    const holds = Array.from({ length: 20 }, makeHold);
    const order = { point: "before commit", victim: "worker", pid: null } as const;
    const { strike, first } = await strikeDuring(order, () => {
      const sent = holds.map(({ send }) => send());
      return sent[0] ?? Promise.reject(new Error("There are no holds."));
    });
    await first;
    for (const hold of holds) await expectOneEffect(hold);
    expect(workers.filter(isAlive)).toEqual(workers.filter((pid) => pid !== strike.pid));
  });
});

test("statements before the point have reached the server, and those after it have not", async () => {
  const hold = makeHold();
  const order = { point: "before select-clock", victim: "worker_stop", pid: null } as const;
  const { strike, first } = await strikeDuring(order, hold.send);
  try {
    // All of them were to leave as one packet.
    const found = await waitFor("the stopped worker's transaction", async () => {
      const rows = await service.query<{ query: string }>(
        `select query from pg_stat_activity
         where application_name = 'holdfast desk' and state = 'idle in transaction'`,
      );
      return rows[0];
    });
    expect(found.query).toMatch(/for (?:no key )?update\s+skip locked/i);
    expect(found.query).not.toContain("pg_current_xact_id");
    const lock = service.query("select id from events where id = $1 for update nowait", [eventId]);
    await expect(lock).rejects.toMatchObject({ code: "55P03" });
  } finally {
    // The supervisor ends one that is silent for long.
    if (isAlive(strike.pid)) process.kill(strike.pid, "SIGCONT");
  }
  await first;
  await expectOneEffect(hold);
});

describe("a server process that is killed", () => {
  test("is the one that has the statement", async () => {
    const desks = await waitFor("the desks of both workers", async () => {
      await makeHold().send();
      const rows = await service.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'holdfast desk'",
      );
      return rows.length === 2 && rows;
    });
    const hold = makeHold();
    const pid = await readPostmasterPid(service.dataDir);
    const { strike } = await strikeDuring({ point: "before commit", victim: "backend", pid }, hold.send);
    expect(desks.map((desk) => desk.pid)).toContain(strike.pid);
    expect(isAlive(strike.workerPid)).toBe(true);
    await waitFor("its end", () => !isAlive(strike.pid));
    await expectOneEffect(hold);
  });

  test("is none that belongs to another postmaster", async () => {
    const order = { point: "before commit", victim: "backend", pid: process.pid, passage: 1 } as const;
    const striking = service.points.controller.strike([order], strikeMaxMs, never);
    const hold = makeHold();
    expect(await hold.send()).toMatchObject({ status: 201 });
    expect(await striking).toMatchObject({ kind: "spared", point: "before commit" });
  });

  test("is the postmaster when that is asked for", async () => {
    const hold = makeHold();
    const pid = await readPostmasterPid(service.dataDir);
    const { strike } = await strikeDuring({ point: "after commit", victim: "postmaster", pid }, hold.send);
    expect(strike.pid).toBe(pid);
    await waitFor(
      "another postmaster",
      async () => ![null, pid].includes(await readPostmasterPid(service.dataDir)),
      30_000,
    );
    await expectOneEffect(hold);
  });
});

test("a point that nobody comes to is given up, and hurts nobody later", async () => {
  const order = { point: "before insert-holds", passage: 2, victim: "worker", pid: null } as const;
  const striking = service.points.controller.strike([order], 1, never);
  expect(await striking).toEqual({ kind: "nobody_came" });
  const workers = await service.watch.readyPids();
  for (let count = 0; count < 6; count += 1) expect(await makeHold().send()).toMatchObject({ status: 201 });
  expect(await service.watch.readyPids()).toEqual(workers);
});

test("a strike is given up when the run ends", async () => {
  const order = { point: "before nothing", passage: 1, victim: "worker", pid: null } as const;
  const ending = new AbortController();
  const striking = service.points.controller.strike([order], strikeMaxMs, ending.signal);
  ending.abort();
  await expect(striking).rejects.toMatchObject({ name: "AbortError" });
});

test("workers end at their start while they are told to", async () => {
  service.points.controller.setCrashAtStart(true);
  try {
    const hold = makeHold();
    await strikeDuring({ point: "before commit", victim: "worker", pid: null }, hold.send);
    await waitFor(
      "the supervisor to notice",
      async () => (await service.watch.marks()).some(({ kind }) => kind === "crash_loop"),
      15_000,
    );
    expect(await service.watch.readyPids()).toHaveLength(1);
    await expectOneEffect(hold);
  } finally {
    service.points.controller.setCrashAtStart(false);
  }
  await service.watch.awaitReady(2);
});
