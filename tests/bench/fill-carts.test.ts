import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadPlan } from "../../bench/load/load-plan.ts";
import { runLoad } from "../../bench/load/run-load.ts";

// The bench's own load on a server that answers as the test says.

const carts = 5;
const itemsPerCart = 3;

let statuses: number[] = [];
const puts: string[] = [];
const server = createServer((request, response) => {
  puts.push(request.url ?? "");
  request.resume();
  response.writeHead(statuses.shift() ?? 200, { "content-length": 2 }).end("{}");
});

beforeEach(async () => {
  puts.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

function fill() {
  const plan: LoadPlan = {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    apiKey: "hf_service_none",
    kind: "fill_carts",
    eventIds: Array.from({ length: 30 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`),
    userTag: "abcdef",
    connections: 1,
    carts,
    warmUpMs: 0,
    measuredMs: 30_000,
  };
  return runLoad(plan, new AbortController().signal);
}

test("carts are filled through answers of a service that cannot serve for the moment", async () => {
  statuses = [200, 503, 503, 200];
  const { countByStatus, failures } = await fill();
  expect({ countByStatus, failures }).toEqual({
    countByStatus: { 200: carts * itemsPerCart, 503: 2 },
    failures: 0,
  });
  // The same item is put again, and none is left out.
  expect(puts.slice(1, 4)).toEqual([puts[1], puts[1], puts[1]]);
  expect(new Set(puts).size).toBe(carts * itemsPerCart);
});

test("filling ends with the first answer that will not get better", async () => {
  statuses = [200, 409];
  const { countByStatus } = await fill();
  expect(countByStatus).toEqual({ 200: 1, 409: 1 });
});
