import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@holdfast/client";
import { expect, test } from "vitest";
import { openTestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { ServiceProcess } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { OperationsWatcher } from "../support/watch-operations.ts";
import { findWrongs } from "./check-books.ts";
import { WorkerKiller } from "./kill-workers.ts";
import { planJourney } from "./plan-journeys.ts";
import { type Journey, takeJourney } from "./take-journey.ts";

const journeysCount = 4_000;
const atOnce = 150;
const seed = 20_301;
const testMaxMs = 600_000;

test(
  "4,000 purchases with a failing provider and killed workers: charges are paid orders, refunds are late losers, stock is conserved",
  { timeout: testMaxMs },
  async () => {
    const database = await openTestDatabase();
    const dataDir = await makeDataDir();
    const service = new ServiceProcess({
      DATA_DIR: dataDir,
      DATABASE_URL: database.connectionString,
      DEMO: "1",
      DEMO_PAYMENT_FAILURE_RATE: "0.1",
      PAYMENT_GRACE_SECONDS: "1",
      WORKERS_MIN: "2",
      WORKERS_MAX: "2",
      LOG_LEVEL: "silent",
    });
    try {
      const { url, opsUrl, adminKey } = await service.ready();
      const watch = new OperationsWatcher(opsUrl);
      await watch.awaitReady(2);
      const client = createClient({ baseUrl: url, token: adminKey, triesMax: 60, patienceMs: 60_000 });
      const next = seededRandom(seed);
      // Of some events there is enough for everyone; of the others holds end soon, and others wait for the tickets.
      const wide = { capacity: 20_000, price_cents: 1_500, hold_seconds: 8, max_quantity: 4 };
      const tight = { capacity: 150, price_cents: 4_000, hold_seconds: 2, max_quantity: 2 };
      const eventIds: string[] = [];
      for (const terms of [wide, wide, wide, wide, tight, tight, tight]) {
        eventIds.push((await client.createEvent({ name: "Journey", ...terms })).id);
      }

      const killer = new WorkerKiller(watch, 4_000);
      killer.start(seededRandom(seed + 1));
      const journeys: Journey[] = [];
      let begun = 0;
      const buy = async () => {
        while (begun < journeysCount) {
          begun += 1;
          const plan = planJourney(`journey-${begun}`, eventIds, next);
          journeys.push(await takeJourney(client, plan));
        }
      };
      try {
        await Promise.all(Array.from({ length: atOnce }, buy));
      } finally {
        await killer.stop();
      }

      await waitFor(
        "every payment and refund to end",
        async () => {
          const [open] = await database.query(
            `select count(*)::int as orders from orders
             where status = 'pending' or payment_status = 'refunding' or receipt_sent_at is null and status = 'paid'`,
          );
          return open?.["orders"] === 0;
        },
        90_000,
      );
      expect(await findWrongs(database, journeys)).toEqual({
        wrongMoney: [],
        chargedForNothing: [],
        wrongTickets: [],
        soldToNobody: [],
        wrongStock: [],
        untrueAnswers: [],
      });

      // A receipt may come twice, but not under two names.
      const lines = (await readFile(join(dataDir, "outbox/email.jsonl"), "utf8")).trim().split("\n");
      const messages = lines.map((line) => JSON.parse(line) as { id: string; to: string });
      const addresses = new Map(messages.map(({ id, to }) => [id, to]));
      const paid = journeys.filter(({ order }) => typeof order?.paid_at === "string");
      const receivers = new Set(addresses.values());
      expect(paid.filter(({ userId }) => !receivers.has(`${userId}@example.org`))).toEqual([]);

      // Otherwise nothing would have been proved.
      const outcomes = Map.groupBy(
        journeys,
        ({ order, refusal }) => order?.status ?? refusal ?? "left behind",
      );
      expect([...outcomes.keys()]).toEqual(
        expect.arrayContaining(["paid", "declined", "refunded", "left behind"]),
      );
      const lateLosers = journeys.filter(
        ({ order }) => order?.status === "refunded" && order.paid_at === null,
      );
      expect(lateLosers.length).toBeGreaterThan(0);
      expect(journeys.filter(({ wasPending }) => wasPending).length).toBeGreaterThan(0);
      expect(killer.kills).toBeGreaterThan(3);
      expect(journeys).toHaveLength(journeysCount);
    } finally {
      await service.end("SIGKILL");
      await removeDataDir(dataDir);
      await database.close();
    }
  },
);
