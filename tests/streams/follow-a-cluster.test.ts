import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { openStream, type StreamClient, streamOf } from "./open-stream.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, { WORKERS_MIN: "2", WORKERS_MAX: "2" });
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

const hold = (userId: string) =>
  createClient(sale.url)("post", `/v1/events/${sale.eventId}/reservations`, {
    as: sale.adminKey,
    body: { user_id: userId },
  });

/** Opens streams until both workers have some: the supervisor hands connections out in turn. */
const openSix = () =>
  Promise.all(Array.from({ length: 6 }, () => openStream(sale.url, streamOf(sale.eventId))));

test("streams of all workers are told of every hold, wherever it was made", { timeout: 60_000 }, async () => {
  const clients = await openSix();
  await waitFor(
    "six streams to be counted",
    async () => (await sale.watch.metric("holdfast_open_streams")) === 6,
  );
  for (const user of ["ada", "bob", "cyd", "dan"]) expect((await hold(user)).status).toBe(201);
  await Promise.all(clients.map((client) => client.until("four holds", ({ held }) => held === 4)));
  expect(await sale.watch.metric("holdfast_ipc_malformed_total")).toBe(0);
  for (const client of clients) client.close();
});

test(
  "a client whose worker is killed comes back and sees what it has missed",
  { timeout: 60_000 },
  async () => {
    const { held: before } = await sale.stock();
    const clients = await openSix();
    await Promise.all(clients.map((client) => client.until("the first message", () => true)));
    const [pid = 0] = await sale.watch.awaitReady(2);
    process.kill(pid, "SIGKILL");
    const isCut = ({ end }: StreamClient) => end === "cut";
    await waitFor("its streams to break", () => clients.some(isCut));
    const answer = await waitFor("a hold", async () => {
      const asked = await hold("eve").catch(() => null);
      return asked !== null && (asked.status === 201 || asked.status === 409) && asked;
    });
    expect([201, 409]).toContain(answer.status);
    for (const client of clients.filter(isCut)) {
      const back = await openStream(sale.url, streamOf(sale.eventId), {
        "last-event-id": client.events.at(-1)?.id ?? "",
      });
      await back.until("what it has missed", ({ held }) => held === before + 1);
      back.close();
    }
    for (const client of clients.filter((each) => !isCut(each))) {
      await client.until("the hold", ({ held }) => held === before + 1);
      client.close();
    }
  },
);

test(
  "a service that stops ends its streams and does not wait for their clients",
  { timeout: 60_000 },
  async () => {
    await sale.watch.awaitReady(2);
    const clients = await openSix();
    await Promise.all(clients.map((client) => client.until("the first message", () => true)));
    const exited = sale.service().end("SIGTERM");
    expect(await Promise.all(clients.map((client) => client.ended()))).toEqual(clients.map(() => "good"));
    expect((await Promise.race([exited, wait(30_000, null, { ref: false })]))?.code).toBe(0);
  },
);
