import type { Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../api/http/create-app.ts";
import { listen, urlOf } from "../../api/http/listen.ts";
import { FirstLooks } from "../../api/http/streams/first-looks.ts";
import { StockHub } from "../../api/http/streams/stock-hub.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { createClient } from "../support/http-client.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { stockOf } from "./fake-client.ts";
import { openStream, streamOf } from "./open-stream.ts";

let service: TestService;
let server: Server;
let url: string;
const stockHub = new StockHub({ nowMs: () => Date.now(), streamsMax: 2 });

beforeAll(async () => {
  service = await openTestService();
  const app = createApp({ ...service.services, stockHub });
  server = await listen(app, { host: "127.0.0.1", port: 0, setting: "PORT" });
  url = urlOf(server, "127.0.0.1");
});
afterAll(async () => {
  stockHub.stop();
  server.close();
  server.closeAllConnections();
  await service.close();
});

test("a worker with all the streams it can have says when to try again, until one is closed", async () => {
  const event = await service.createEvent();
  const [first, second] = [
    await openStream(url, streamOf(event.id)),
    await openStream(url, streamOf(event.id)),
  ];
  // A refusal of the contract, hence with Retry-After, is what this client insists on.
  const send = createClient(url);
  expect(await send("get", streamOf(event.id))).toMatchObject({ status: 503, body: { code: "overloaded" } });
  first.close();
  await waitFor("the stream to be forgotten", () => stockHub.size === 1);
  const third = await openStream(url, streamOf(event.id));
  expect(third.status).toBe(200);
  for (const client of [second, third]) client.close();
});

test("a crowd that comes for the same events waits for one look at them", async () => {
  const asked: (readonly string[])[] = [];
  const looks = new FirstLooks(async (eventIds) => {
    asked.push(eventIds);
    return eventIds.map((id) => ({ event: stockOf(id), nextExpiryAtMs: null, nowMs: 0 }));
  });
  const [one, two] = [makeId(), makeId()];
  const found = await Promise.all([looks.read([one]), looks.read([one, two]), looks.read([two, one])]);
  expect(asked).toEqual([[one], [two]]);
  expect(found.map((news) => news?.map(({ message }) => message.event_id))).toEqual([
    [one],
    [one, two],
    [two, one],
  ]);
  await looks.read([one]);
  expect(asked).toHaveLength(3);
});

test("a look that fails fails for all who wait, and for nobody after", async () => {
  let fails = true;
  const looks = new FirstLooks(async (eventIds) => {
    if (fails) throw new Error("The database is away.");
    return eventIds.map((id) => ({ event: stockOf(id), nextExpiryAtMs: null, nowMs: 0 }));
  });
  const id = makeId();
  const results = await Promise.allSettled([looks.read([id]), looks.read([id])]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  fails = false;
  expect(await looks.read([id])).toHaveLength(1);
});
