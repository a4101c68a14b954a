import fc from "fast-check";
import supertest from "supertest";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createApp } from "../../api/http/create-app.ts";
import { RateLimiter } from "../../api/http/limit-rate.ts";
import { answerQuotas } from "../../api/http/quotas/answer-quotas.ts";
import { LocalQuotas } from "../../api/http/quotas/local-quotas.ts";
import { quotaCallsMax, type QuotaRequest } from "../../api/http/quotas/quota-messages.ts";
import { windowSecondsOf } from "../../api/http/quotas/quota-source.ts";
import { SharedQuotas, type SharedQuotasOptions } from "../../api/http/quotas/shared-quotas.ts";
import { openTestService } from "../support/open-test-service.ts";

const limits = { anonymousMax: 5, buyerMax: 3, signupMax: 4 };

/** A worker whose messages reach the supervisor as IPC would bring them: as JSON, and later. */
function connectWorker(supervisor: LocalQuotas): SharedQuotas {
  const worker: SharedQuotas = new SharedQuotas({
    limits,
    // A reply that takes longer than any test means that it is never decided locally.
    replyMaxMs: 60_000,
    send: (message) => {
      setImmediate(() => {
        void answerQuotas(JSON.parse(JSON.stringify(message)), supervisor)?.then((reply) =>
          setImmediate(() => worker.receive(JSON.parse(JSON.stringify(reply)))),
        );
      });
      return true;
    },
  });
  return worker;
}

/** A worker whose supervisor never answers, and what it was asked. */
function connectToNobody(options: Partial<SharedQuotasOptions> = {}) {
  const sent: QuotaRequest[] = [];
  const send = (message: QuotaRequest) => sent.push(message) > 0;
  return { sent, worker: new SharedQuotas({ limits, replyMaxMs: 20, restMs: 0, send, ...options }) };
}

const askTimes = (quotas: SharedQuotas, times: number, client = "ada") =>
  Promise.all(Array.from({ length: times }, () => quotas.consume("buyer", client)));

const allowedOf = (uses: readonly { readonly refused: boolean }[]) =>
  uses.filter(({ refused }) => !refused).length;

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a limit that workers share", () => {
  test("holds exactly, whatever the workers and the order", async () => {
    const call = fc.record({
      worker: fc.nat({ max: 1 }),
      policy: fc.constantFrom("buyer" as const, "anonymous" as const),
      client: fc.constantFrom("ada", "bob"),
      endsTurn: fc.boolean(),
    });
    const check = fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
      const supervisor = new LocalQuotas(limits);
      const workers = [connectWorker(supervisor), connectWorker(supervisor)];
      const answers = [];
      for (const { worker, policy, client, endsTurn } of calls) {
        answers.push({ policy, client, use: workers[worker]?.consume(policy, client) });
        if (endsTurn) await turn();
      }
      const uses = await Promise.all(answers.map(async ({ use, ...of }) => ({ ...of, ...(await use) })));
      for (const [key, ofClient] of Map.groupBy(uses, ({ policy, client }) => `${policy} ${client}`)) {
        const limit = key.startsWith("buyer") ? limits.buyerMax : limits.anonymousMax;
        const allowed = ofClient.filter(({ refused }) => refused === false);
        expect(allowed).toHaveLength(Math.min(limit, ofClient.length));
        const left = allowed.map(({ remaining }) => Number(remaining)).sort((a, b) => b - a);
        expect(left).toEqual(allowed.map((_, index) => limit - 1 - index));
      }
    });
    await fc.assert(check, { numRuns: 50 });
  });

  test("is asked for in one message for each turn of the event loop", async () => {
    const { sent, worker } = connectToNobody();
    const first = [worker.consume("buyer", "ada"), worker.consume("anonymous", "::1")];
    await turn();
    const second = worker.consume("buyer", "bob");
    await turn();
    expect(sent).toEqual([
      {
        kind: "quota_request",
        id: 0,
        calls: [
          { policy: "buyer", client: "ada" },
          { policy: "anonymous", client: "::1" },
        ],
      },
      { kind: "quota_request", id: 1, calls: [{ policy: "buyer", client: "bob" }] },
    ]);
    await Promise.all([...first, second]);
  });

  test("is the same to a client of two listeners", async () => {
    const service = await openTestService();
    const supervisor = new LocalQuotas(limits);
    const listeners = [0, 1].map(() => {
      const rateLimiter = new RateLimiter(limits, connectWorker(supervisor));
      return supertest(createApp({ ...service.services, rateLimiter }));
    });
    const statuses: (number | undefined)[] = [];
    for (let count = 0; count < 8; count += 1) {
      const answer = await listeners[count % 2]?.get("/v1/events");
      statuses.push(answer?.status);
      expect(answer?.headers["ratelimit"]).toMatch(`"anonymous";r=${Math.max(0, 4 - count)};`);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    await service.close();
  });
});

describe("a worker without an answer", () => {
  test("decides by itself, by the same limits", async () => {
    const { worker } = connectToNobody();
    expect(allowedOf(await askTimes(worker, 5))).toBe(limits.buyerMax);
    expect(allowedOf(await askTimes(worker, 5))).toBe(0);
    expect(allowedOf(await askTimes(worker, 5, "bob"))).toBe(limits.buyerMax);
  });

  test.each<[string, () => boolean]>([
    ["is refused", () => false],
    [
      "fails",
      () => {
        throw new Error("The channel is closed.");
      },
    ],
  ])("decides at once when sending %s", async (_what, send) => {
    const { worker } = connectToNobody({ send, replyMaxMs: 60_000 });
    expect(allowedOf(await askTimes(worker, 5))).toBe(limits.buyerMax);
  });

  test("does not ask again for a while, and then does", async () => {
    const resting = connectToNobody({ restMs: 60_000 });
    await askTimes(resting.worker, 1);
    await askTimes(resting.worker, 1);
    expect(resting.sent).toHaveLength(1);
    const rested = connectToNobody({ restMs: 0 });
    await askTimes(rested.worker, 1);
    await askTimes(rested.worker, 1);
    expect(rested.sent).toHaveLength(2);
  });

  test("waits longer about a sign-up, and asks about it while it asks about nothing else", async () => {
    const { sent, worker } = connectToNobody({ restMs: 60_000, signupReplyMaxMs: 60_000 });
    const signUp = worker.consume("signup", "::1");
    await askTimes(worker, 1);
    const second = worker.consume("signup", "::1");
    await turn();
    expect(sent.map(({ calls }) => calls.map(({ policy }) => policy))).toEqual([
      ["signup"],
      ["buyer"],
      ["signup"],
    ]);
    expect(worker.receive(replyWith([use]))).toBe(true);
    expect(worker.receive({ ...replyWith([{ ...use, refused: true }]), id: 2 })).toBe(true);
    expect([await signUp, await second]).toMatchObject([{ refused: false }, { refused: true }]);
  });

  test("decides about a sign-up by itself in the end", async () => {
    const { worker } = connectToNobody({ signupReplyMaxMs: 20 });
    const uses = await Promise.all(Array.from({ length: 6 }, () => worker.consume("signup", "::1")));
    expect(allowedOf(uses)).toBe(limits.signupMax);
  });

  test("ignores an answer that comes too late", async () => {
    const { worker } = connectToNobody();
    const [use] = await askTimes(worker, 1);
    expect(worker.receive(replyWith([{ remaining: 0, resetMs: 0, refused: true }]))).toBe(true);
    expect(use).toMatchObject({ refused: false });
  });

  test("keeps no more calls waiting than fit into one message", async () => {
    const { sent, worker } = connectToNobody();
    const asked = Array.from({ length: quotaCallsMax + 10 }, (_, index) =>
      worker.consume("buyer", `user ${index}`),
    );
    // Those that found no room are decided although nobody has been asked yet.
    expect(allowedOf(await Promise.all(asked.slice(quotaCallsMax)))).toBe(10);
    await Promise.all(asked);
    await askTimes(worker, 1);
    expect(sent.map(({ calls }) => calls.length)).toEqual([quotaCallsMax, 1]);
  });

  test("asks about a client in a few characters, however long its name is", async () => {
    const { sent, worker } = connectToNobody();
    await askTimes(worker, 1, "x".repeat(5_000));
    expect(await answerQuotas(sent[0], new LocalQuotas(limits))).toMatchObject({
      uses: [{ refused: false }],
    });
  });
});

const use = { remaining: 2, resetMs: 1_000, refused: false };
const replyWith = (uses: readonly unknown[], more: object = {}) => ({
  kind: "quota_reply",
  id: 0,
  uses,
  ...more,
});

describe("malformed messages", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["text", "quota_reply"],
    ["another kind", replyWith([use, use], { kind: "quota_request" })],
    ["too few uses", replyWith([use])],
    ["too many uses", replyWith([use, use, use])],
    ["an id that was never used", replyWith([use, use], { id: 7 })],
    ["a use that is none", replyWith([use, { ...use, remaining: -1 }])],
    ["a member too many", replyWith([use, use], { more: 1 })],
  ])("to a worker are ignored: %s", async (_what, message) => {
    const { worker } = connectToNobody({ replyMaxMs: 60_000 });
    const asked = [worker.consume("buyer", "ada"), worker.consume("buyer", "bob")];
    await turn();
    expect(worker.receive(message)).toBe(false);
    const uses = [use, { remaining: 0, resetMs: 5, refused: true }];
    expect(worker.receive(replyWith(uses))).toBe(true);
    expect(await Promise.all(asked)).toEqual(uses);
  });

  const call = { policy: "buyer", client: "ada" };
  test.each<[string, unknown]>([
    ["nothing", null],
    ["another kind", { kind: "quota_reply", id: 0, calls: [call] }],
    ["no calls", { kind: "quota_request", id: 0, calls: [] }],
    ["an unknown policy", { kind: "quota_request", id: 0, calls: [call, { ...call, policy: "admin" }] }],
    ["a client that is no text", { kind: "quota_request", id: 0, calls: [{ ...call, client: 1 }] }],
    [
      "a client that is too long",
      { kind: "quota_request", id: 0, calls: [{ ...call, client: "x".repeat(999) }] },
    ],
    [
      "too many calls",
      { kind: "quota_request", id: 0, calls: Array.from({ length: quotaCallsMax + 1 }, () => call) },
    ],
    ["an id that is none", { kind: "quota_request", id: -1, calls: [call] }],
  ])("to the supervisor are ignored and count for nobody: %s", async (_what, message) => {
    const supervisor = new LocalQuotas(limits);
    expect(answerQuotas(message, supervisor)).toBeNull();
    expect(supervisor.clients).toBe(0);
  });
});

describe("the memory of quotas", () => {
  afterEach(() => void vi.useRealTimers());

  test("holds nobody whose window has ended", async () => {
    vi.useFakeTimers();
    const quotas = new LocalQuotas(limits);
    for (let index = 0; index < 1_000; index += 1) {
      await quotas.consume("anonymous", `203.0.113.${index}`);
      await quotas.consume("buyer", `user ${index}`);
    }
    expect(quotas.clients).toBe(2_000);
    vi.advanceTimersByTime(windowSecondsOf("buyer") * 1_000 + 1);
    expect(quotas.clients).toBe(0);
    expect(await quotas.consume("buyer", "user 1")).toMatchObject({ remaining: limits.buyerMax - 1 });
  });
});
