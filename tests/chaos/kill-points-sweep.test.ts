import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault } from "../../chaos/faults/fault.ts";
import { sweepPoints } from "../../chaos/kill-points/sweep-points.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";
import { openPointedService, type PointedService } from "../support/open-pointed-service.ts";
import { readPostmasterPid } from "../support/start-service-process.ts";

const buyersCount = 6;
const sweepMaxMs = 15_000;

let service: PointedService;

beforeAll(async () => {
  service = await openPointedService();
}, 150_000);
afterAll(() => service?.close());

interface Bought {
  readonly userId: string;
  readonly id: string;
}

/** Buyers who ask until they are answered. */
function startBuying(eventId: string) {
  const bought: Bought[] = [];
  const stopping = new AbortController();
  const buy = async () => {
    while (!stopping.signal.aborted) {
      const [userId, key] = [randomUUID(), randomUUID()];
      const path = `/v1/events/${eventId}/reservations`;
      const { text } = await service.settle(() => service.ask("POST", path, { user_id: userId }, key));
      bought.push({ userId, id: (JSON.parse(text) as { id: string }).id });
    }
  };
  const buyers = Array.from({ length: buyersCount }, buy);
  return {
    bought,
    stop: async () => {
      stopping.abort();
      await Promise.all(buyers);
    },
  };
}

test(
  "a sweep kills everybody at the points it has learned, and nothing is lost or done twice",
  { timeout: 120_000 },
  async () => {
    const eventId = await service.createEvent({ capacity: 100_000 });
    const { bought, stop } = startBuying(eventId);
    const done: string[] = [];
    const signal = AbortSignal.timeout(sweepMaxMs * 4);
    const inject = async (fault: Fault, random: SeededRandom) => {
      let detail: string | null = null;
      let before = bought.length;
      const context = {
        random,
        signal,
        begun: (told: string) => {
          detail = told;
          before = bought.length;
        },
        over: () => {},
      };
      await fault.inject(context as unknown as Parameters<Fault["inject"]>[0]);
      if (detail === null) return false;
      done.push(`${fault.kind}: ${detail}`);
      while (bought.length < before + buyersCount && !signal.aborted) await wait(20);
      return true;
    };
    const report = await sweepPoints({
      system: {
        points: service.points.controller,
        postmasterPid: () => readPostmasterPid(service.dataDir),
        workerPids: () => service.watch.readyPids().catch(() => []),
      },
      inject,
      random: new SeededRandom(1),
      signal,
      strikesEach: 1,
      durationMs: sweepMaxMs,
    });
    await stop();

    const struck = report.pairs.filter(({ strikes }) => strikes > 0);
    expect(struck.length).toBeGreaterThan(0);
    expect(done).toHaveLength(struck.length);
    for (const { point, victim, recoveryWorstMs } of struck) {
      expect(
        done.filter((each) => each.startsWith(`${victim}_kill: `) && each.endsWith(` ${point}`)),
      ).toHaveLength(1);
      expect(recoveryWorstMs).toBeGreaterThan(0);
    }
    const planned = new Set(report.pairs.map(({ point }) => point));
    for (const point of [
      "before commit",
      "after commit",
      "before reply",
      "after reply",
      "after insert-holds",
    ])
      expect(planned).toContain(point);
    expect(report.unswept.map(({ point }) => point)).toContain("before insert into events");
    const rows = await service.query<{ user_id: string; id: string }>(
      "select user_id, id from reservations where event_id = $1",
      [eventId],
    );
    const byUser = (one: Bought, other: Bought) => (one.userId < other.userId ? -1 : 1);
    expect(rows.map(({ user_id, id }) => ({ userId: user_id, id })).toSorted(byUser)).toEqual(
      bought.toSorted(byUser),
    );
  },
);
