import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PersistentBuyers } from "../support/buy-persistently.ts";
import { createClient } from "../support/http-client.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { readPostmasterPid, ServiceProcess, stopLeftDatabase } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";

const capacity = 100_000;
let dataDir: string;
let service: ServiceProcess;

beforeEach(async () => {
  dataDir = await makeDataDir();
});
afterEach(async () => {
  await service.end("SIGKILL");
  await stopLeftDatabase(dataDir);
  await removeDataDir(dataDir);
});

/** Starts a service with one event and buyers who never give up. */
async function startSale() {
  service = new ServiceProcess({ DATA_DIR: dataDir });
  const { url, adminKey } = await service.ready();
  const target = { url, eventId: "", serviceKey: adminKey };
  const created = await createClient(url)("post", "/v1/events", {
    as: adminKey,
    body: { name: "Crash", capacity },
  });
  target.eventId = String(created.body["id"]);
  return { target, buyers: new PersistentBuyers(() => target) };
}

const untilSold = (buyers: PersistentBuyers, count: number) =>
  waitFor(`${count} holds`, () => buyers.heldCount >= count, 30_000);

/** Every acknowledged hold must be there, none that was not asked for, and the same keys must give the same answers. */
async function expectNothingLost(
  buyers: PersistentBuyers,
  target: { url: string; eventId: string; serviceKey: string },
) {
  const send = createClient(target.url);
  const held = new Map<string, string>();
  for (const { answer, userId } of buyers.purchases) {
    expect(answer?.status).toBe(201);
    held.set(userId, (JSON.parse(answer?.text ?? "") as { id: string }).id);
  }
  const found = new Map<string, string>();
  for (let cursor = ""; ;) {
    const path = `/v1/events/${target.eventId}/reservations?limit=100${cursor}`;
    const { body } = await send("get", path, { as: target.serviceKey });
    const page = body["data"] as { id: string; user_id: string }[];
    for (const { id, user_id } of page) found.set(user_id, id);
    if (body["has_more"] !== true) break;
    cursor = `&starting_after=${page.at(-1)?.id}`;
  }
  expect(found).toEqual(held);
  const event = await send("get", `/v1/events/${target.eventId}`);
  expect(event.body).toMatchObject({ held: held.size, available: capacity - held.size, sold: 0 });
  for (const purchase of buyers.purchases.filter((_, index) => index % 7 === 0)) {
    expect(await buyers.send(purchase)).toEqual(purchase.answer);
  }
}

describe("a sale in full swing", () => {
  test(
    "loses nothing when the service is killed and started again, twice",
    { timeout: 180_000 },
    async () => {
      const { target, buyers } = await startSale();
      const buying = buyers.buyUntilStopped(16);
      let interrupted = 0;
      for (const soldBefore of [100, 250]) {
        await untilSold(buyers, soldBefore);
        expect(await service.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
        interrupted += buyers.unanswered.length;
        service = new ServiceProcess({ DATA_DIR: dataDir });
        target.url = (await service.ready()).url;
      }
      await untilSold(buyers, 400);
      buyers.stop();
      await buying;
      // Otherwise the kills came when nobody was buying, and this test would show nothing.
      expect(interrupted).toBeGreaterThan(0);
      await buyers.settle();
      await expectNothingLost(buyers, target);
      expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
    },
  );

  test(
    "loses nothing when the database is killed under it, and goes on by itself",
    { timeout: 180_000 },
    async () => {
      const { target, buyers } = await startSale();
      const buying = buyers.buyUntilStopped(16);
      await untilSold(buyers, 150);
      const killed = await readPostmasterPid(dataDir);
      if (killed === null) throw new Error("There is no database to kill.");
      process.kill(killed, "SIGKILL");
      await waitFor("the outage to be felt", () => buyers.unanswered.length > 0);
      await waitFor(
        "another database to run",
        async () => {
          const pid = await readPostmasterPid(dataDir);
          return pid !== null && pid !== killed;
        },
        60_000,
      );
      await untilSold(buyers, buyers.heldCount + 150);
      buyers.stop();
      await buying;
      await buyers.settle();
      await expectNothingLost(buyers, target);
      expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
      expect(await readPostmasterPid(dataDir)).toBeNull();
    },
  );
});

test(
  "a service that is asked to stop answers every request that it took, and exits with 0",
  { timeout: 60_000 },
  async () => {
    const { target, buyers } = await startSale();
    const buying = buyers.buyUntilStopped(16);
    await untilSold(buyers, 100);
    const exit = await service.end("SIGTERM");
    buyers.stop();
    await buying;
    expect(exit).toMatchObject({ code: 0, signal: null });
    service = new ServiceProcess({ DATA_DIR: dataDir });
    target.url = (await service.ready()).url;
    // What was not answered was not taken: those buyers found nobody listening.
    const before = await createClient(target.url)("get", `/v1/events/${target.eventId}`);
    expect(before.body).toMatchObject({ held: buyers.heldCount });
    await buyers.settle();
    await expectNothingLost(buyers, target);
  },
);
