import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createClient,
  type ClientOptions,
  HoldfastError,
  type Retry,
  UnreachableError,
} from "../../clients/typescript/client.ts";
import {
  type Behaviour,
  type MisbehavingService,
  problem,
  startMisbehavingService,
} from "./misbehaving-service.ts";
import { waitFor } from "../support/wait-for.ts";

const eventId = "0198c0de-0000-7000-8000-000000000001";
const reply = { status: 201, body: { id: "a reservation" } } as const;
let service: MisbehavingService;

beforeEach(async () => {
  service = await startMisbehavingService();
});
afterEach(() => service.close());

const clientOf = (options: ClientOptions = {}) => createClient({ baseUrl: service.url, ...options });
const hold = (
  options?: ClientOptions,
  call?: Parameters<ReturnType<typeof createClient>["holdTickets"]>[2],
) => clientOf(options).holdTickets(eventId, { user_id: "ada" }, call);
const keys = () => new Set(service.seen.map(({ key }) => key));
const fail = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("a request whose answer is not final", () => {
  const passing: readonly (readonly [string, Behaviour])[] = [
    ["a connection that breaks", "reset"],
    ["an answer that breaks off", "half"],
    ["a service that is overloaded", problem(503, "overloaded")],
    ["a client that asks too often", problem(429, "rate_limited")],
    ["an earlier try that is still being served", problem(409, "idempotency_in_progress")],
    ["a request that took too long to arrive", problem(408, "request_timeout")],
    ["a proxy that has lost the service", { status: 502, body: "<h1>Bad gateway</h1>" }],
    ["a proxy that waits in vain", { status: 504, body: "" }],
  ];

  test.each(passing)("is sent again after %s, with the same key and body", async (_what, behaviour) => {
    service.will(behaviour, behaviour, reply);
    expect(await hold()).toEqual(reply.body);
    expect(service.seen).toHaveLength(3);
    expect(keys().size).toBe(1);
    expect([...keys()][0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(service.seen.map(({ body }) => body))).toEqual(new Set(['{"user_id":"ada"}']));
  });

  test("is sent again when nothing comes within the time of one try", async () => {
    service.will("silence", reply);
    expect(await hold({ tryMs: 200 })).toEqual(reply.body);
    expect(service.seen).toHaveLength(2);
    expect(keys().size).toBe(1);
  });

  test("keeps the key that was given", async () => {
    service.will("reset", reply);
    await hold({}, { idempotencyKey: "order 17" });
    expect(service.seen.map(({ key }) => key)).toEqual(["order 17", "order 17"]);
  });

  test("waits at least as long as the service asks for, and tells so", async () => {
    service.will(problem(503, "overloaded", { "retry-after": "1" }), reply);
    const told: Retry[] = [];
    const startMs = performance.now();
    await hold({}, { onRetry: (retry) => told.push(retry) });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ tries: 1, error: { code: "overloaded", retryAfterSeconds: 1 } });
    expect(told[0]?.waitMs).toBeGreaterThanOrEqual(1_000);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(1_000);
  });

  test("is given up after so many tries", async () => {
    service.will("reset");
    const error = await fail(hold({ triesMax: 3 }, { idempotencyKey: "k" }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ idempotencyKey: "k", cause: expect.any(Error) });
    expect(service.seen).toHaveLength(3);
  });

  test("is given up at once when the service asks for more patience than there is", async () => {
    service.will(problem(503, "database_unavailable", { "retry-after": "60" }));
    const error = await fail(hold({ patienceMs: 5_000 }));
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error).toMatchObject({ status: 503, code: "database_unavailable", retryAfterSeconds: 60 });
    expect(service.seen).toHaveLength(1);
  });

  test("is given up when patience ends, whatever the number of tries", async () => {
    service.will("silence");
    const error = await fail(hold({ tryMs: 100, patienceMs: 350, triesMax: 1_000 }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(service.seen.length).toBeGreaterThan(1);
    expect(service.seen.length).toBeLessThanOrEqual(4);
  });
});

describe("a final answer", () => {
  test.each([
    [409, "sold_out"],
    [409, "checkout_in_progress"],
    [410, "cart_expired"],
    [401, "unauthorized"],
    [422, "idempotency_mismatch"],
    [500, "internal_error"],
  ] as const)("%i %s is never asked for again", async (status, code) => {
    service.will(problem(status, code), reply);
    const error = await fail(hold());
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error).toMatchObject({
      status,
      code,
      message: `A sentence about ${code}.`,
      requestId: "req_test",
      retryAfterSeconds: null,
      problem: { title: "A title" },
    });
    expect(service.seen).toHaveLength(1);
  });

  test("that is not Holdfast's is told as such", async () => {
    service.will({ status: 200, body: "<h1>Welcome</h1>", headers: { "x-request-id": "r1" } });
    expect(await fail(clientOf().listEvents())).toMatchObject({
      name: "HoldfastError",
      status: 200,
      code: null,
      problem: null,
      requestId: "r1",
      message: expect.stringContaining("not Holdfast"),
    });
  });
});

describe("calls without a key", () => {
  test("are repeated too, since reading, putting and removing twice is the same as once", async () => {
    const cart = { status: 200, body: { id: "a cart" } };
    const client = clientOf();
    service.will("reset", cart);
    await client.findCart(eventId);
    service.will("reset", cart);
    await client.putCartItem(eventId, eventId, { user_id: "ada", quantity: 2 });
    service.will("reset", cart);
    await client.removeCartItem(eventId, eventId);
    expect(service.seen.map(({ method }) => method)).toEqual([
      "GET",
      "GET",
      "PUT",
      "PUT",
      "DELETE",
      "DELETE",
    ]);
    expect(keys()).toEqual(new Set([null]));
  });

  test("are done when the first try was, although the second one finds nothing", async () => {
    service.will("reset", problem(404, "api_key_not_found"));
    expect(await clientOf().revokeApiKey(eventId)).toBeUndefined();
    service.will(problem(404, "api_key_not_found"));
    expect(await fail(clientOf().revokeApiKey(eventId))).toMatchObject({ code: "api_key_not_found" });
  });
});

describe("a call that is aborted", () => {
  test("ends while it waits for an answer, with the signal's reason", async () => {
    service.will("silence");
    const abort = new AbortController();
    const failed = fail(hold({}, { signal: abort.signal }));
    await waitFor("the request", () => service.seen.length === 1);
    const reason = new Error("The page was left.");
    abort.abort(reason);
    expect(await failed).toBe(reason);
  });

  test("ends while it waits for the next try, and does not try again", async () => {
    service.will(problem(503, "overloaded", { "retry-after": "20" }));
    const abort = new AbortController();
    const failed = fail(hold({}, { signal: abort.signal, onRetry: () => abort.abort() }));
    expect(await failed).toMatchObject({ name: "AbortError" });
    expect(service.seen).toHaveLength(1);
  });

  test("is never sent when it is aborted before", async () => {
    expect(await fail(hold({}, { signal: AbortSignal.abort() }))).toMatchObject({ name: "AbortError" });
    expect(service.seen).toHaveLength(0);
  });
});

describe("the token", () => {
  test("is asked for before each try, so that one that has ended can be replaced", async () => {
    service.will(problem(503, "overloaded"), reply);
    let made = 0;
    await hold({ token: async () => `token-${++made}` });
    expect(service.seen.map(({ authorization }) => authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ]);
  });

  test("is left out of anonymous calls", async () => {
    service.will(reply);
    await hold({ token: () => null });
    await hold({ token: "hf_admin_x" });
    expect(service.seen.map(({ authorization }) => authorization)).toEqual([null, "Bearer hf_admin_x"]);
  });
});
