import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryEntry } from "../../chaos/history/history-entry.ts";
import { readHistory } from "../../chaos/history/read-history.ts";
import { HistoryRecorder } from "../../chaos/history/record-history.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";
import { WorkloadEnded } from "../../chaos/workload/call.ts";
import { CallSettler } from "../../chaos/workload/settle-calls.ts";
import { reservationCalls } from "../../chaos/workload/shop-calls.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { type MisbehavingService, problem, startMisbehavingService } from "../clients/misbehaving-service.ts";
import { waitFor } from "../support/wait-for.ts";

const eventId = makeId();
const reservation = {
  id: makeId(),
  event_id: eventId,
  user_id: "ada",
  quantity: 1,
  status: "held",
  expires_at: "2030-01-01T00:00:10.000Z",
  created_at: "2030-01-01T00:00:00.000Z",
  confirmed_at: null,
  released_at: null,
  cause: null,
  cart_id: null,
};
const held = { status: 201, body: reservation };
const hold = reservationCalls.hold({ user: "ada", credential: "hf_service_test" }, eventId, 1);

let folder: string;
let recorder: HistoryRecorder;
let service: MisbehavingService;
let settler: CallSettler;
let failures: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-chaos-"));
  recorder = new HistoryRecorder(join(folder, "history.jsonl"), { run: "test", seed: 1 });
  service = await startMisbehavingService();
  failures = [];
  settler = openSettler();
});
afterEach(async () => {
  settler.end();
  await service.close();
  recorder.close();
  await rm(folder, { recursive: true, force: true });
  if (failures.length > 0) throw new Error("A replay has failed.", { cause: failures[0] });
});

describe("a call", () => {
  test("is sent with the same key and bytes until its end is known; everything else is unknown", async () => {
    service.will(
      "reset",
      "half",
      "silence",
      problem(503, "overloaded"),
      problem(500, "internal_error"),
      problem(408, "request_timeout"),
      problem(429, "rate_limited"),
      problem(409, "idempotency_in_progress"),
      held,
    );
    expect(await settler.settle(hold)).toMatchObject({ kind: "done", reply: { id: reservation.id } });
    const entries = await readEntries();
    const unknowns = Array.from({ length: 8 }, () => ["invoke", "unknown"]).flat();
    expect(entries.map(({ type }) => type)).toEqual([...unknowns, "invoke", "ok"]);
    expect(new Set(service.seen.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
    expect(service.seen[0]?.key).toMatch(/^[0-9a-f]{12}-\d+$/);
    expect(settler).toMatchObject({ acknowledged: 1, unknown: 8, unsettled: 0, inFlight: 0 });
  });

  test("is refused for certain by what the service decides", async () => {
    service.will(problem(409, "sold_out"));
    expect(await settler.settle(hold)).toEqual({ kind: "refused", status: 409, code: "sold_out" });
    const [, refused] = await readEntries();
    expect(refused).toMatchObject({ type: "fail", status: 409, reservation_id: null });
  });

  test("tells of a reply that broke what was heard of it", async () => {
    service.will("half", held);
    await settler.settle(hold);
    const [, broken] = await readEntries();
    expect(broken).toMatchObject({ type: "unknown", status: 200, body: '{"object":' });
  });

  test("does not believe a reply that is not what the contract says", async () => {
    const { user_id: _, ...partial } = reservation;
    service.will(
      { status: 201, body: partial },
      { status: 201, body: '{"id":' },
      { status: 404, body: "<html>" },
      { status: 302, body: {} },
      held,
    );
    await settler.settle(hold);
    const types = (await readEntries()).map(({ type }) => type);
    expect(types.filter((type) => type === "unknown")).toHaveLength(4);
  });

  test("rests for as long as the service asks", async () => {
    service.will(problem(503, "overloaded", { "retry-after": "1" }), held);
    await settler.settle(hold);
    const [, heard, sent] = await readEntries();
    expect((sent?.t_mono ?? 0) - (heard?.t_mono ?? 0)).toBeGreaterThan(990);
  });

  test("is on disk before it is sent", async () => {
    service.will("silence");
    const settling = settler.settle(hold).catch((error: unknown) => error);
    await waitFor("the request", () => service.seen.length === 1);
    expect(await readEntries()).toMatchObject([{ type: "invoke", attempt: 1, body: service.seen[0]?.body }]);
    settler.end();
    expect(await settling).toBeInstanceOf(WorkloadEnded);
    expect(await readEntries()).toMatchObject([{ type: "invoke" }, { type: "unknown", status: null }]);
    expect(settler.unsettled).toBe(1);
  });

  test("waits for a place when too many have no answer, however long they have had none", async () => {
    settler.end();
    settler = openSettler({ inFlightMax: 1 });
    service.will("silence");
    const settling = Promise.all(Array.from({ length: 6 }, () => settler.settle(hold)));
    await waitFor("as many as there is room for", () => service.seen.length === 2);
    expect(settler).toMatchObject({ inFlight: 2, isFull: true, unsettled: 6 });
    service.will(held);
    await settling;
    expect(settler).toMatchObject({ inFlight: 0, isFull: false, unsettled: 0 });
  });

  test("is numbered on from those of an earlier stage of the same run", async () => {
    service.will(held);
    await settler.settle(hold);
    settler.end();
    settler = openSettler();
    await settler.settle(hold);
    const calls = (await readEntries()).flatMap((entry) => ("call" in entry ? entry.call : []));
    expect(calls).toEqual([1, 1, 2, 2]);
  });
});

describe("the next acknowledgement", () => {
  test("answers a request that was sent later, not one that was on its way", async () => {
    service.will("silence", problem(409, "sold_out"));
    const settling = settler.settle(hold);
    await waitFor("the request", () => service.seen.length === 1);
    const next = settler.nextAcknowledgement(new AbortController().signal);
    await settling;
    const [, , sent, heard] = await readEntries();
    expect(await next).toBeGreaterThanOrEqual(sent?.t_mono ?? Infinity);
    expect(await next).toBeGreaterThanOrEqual(heard?.t_mono ?? Infinity);
  });

  test("is not a refusal that needs no database", async () => {
    service.will(problem(404, "event_not_found"), held);
    let atMs: number | null = null;
    const next = settler.nextAcknowledgement(new AbortController().signal).then((ms) => (atMs = ms));
    await settler.settle(hold);
    await settler.settle({ ...hold, isKeyed: false });
    expect(atMs).toBeNull();
    await settler.settle(hold);
    expect(await next).toBeGreaterThan(0);
  });

  test("is given up on abort", async () => {
    const given = new AbortController();
    const next = settler.nextAcknowledgement(given.signal);
    given.abort(new Error("Enough."));
    await expect(next).rejects.toThrow("Enough.");
    await expect(settler.nextAcknowledgement(given.signal)).rejects.toThrow("Enough.");
  });
});

function openSettler({ inFlightMax = 16 } = {}): CallSettler {
  return new CallSettler({
    url: service.url,
    recorder,
    random: new SeededRandom(1),
    inFlightMax,
    attemptMaxMs: 300,
    requestsPerConnectionMax: 50,
    replayShare: 0,
    onFailure: (error) => failures.push(error),
  });
}

async function readEntries(): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const entry of readHistory(recorder.path)) entries.push(entry);
  return entries;
}
