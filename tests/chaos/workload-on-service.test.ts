import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallEntry, Operation } from "../../chaos/history/history-entry.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWorkload, type TestWorkload } from "./open-workload.ts";

const operations: Readonly<Record<Operation, true>> = {
  hold: true,
  confirm: true,
  extend: true,
  cancel: true,
  put_item: true,
  remove_item: true,
  check_out: true,
  refund: true,
  sign_up: true,
  verify: true,
  deliver: true,
  change_event: true,
  read: true,
};
/** By then a client has done everything once; three times what it takes. */
const callsMax = 6_000;

let service: TestService;
let opened: TestWorkload;
let entries: readonly CallEntry[];
let unsettled: number;

beforeAll(async () => {
  service = await openTestService({ demo: true, demoSupplierFailureRate: 0.3 });
  const { url, dataDir, keys } = service;
  opened = await openWorkload({
    url,
    adminKey: keys.admin,
    rate: 100,
    options: { dataDir, replayShare: 0.2 },
  });
  const { workload } = opened;
  const refusals = ["hold sold_out", "hold all_held", "hold duplicate_reservation", "confirm hold_expired"];
  const isDone = () => {
    if (workload.acknowledged > callsMax) throw new Error(`Missing: ${missingOf(workload.tally)}`);
    const isRefused = refusals.every((each) => workload.tally.has(each));
    return isRefused && missingOf(workload.tally).length === 0 && workload.acknowledged > 800;
  };
  await waitFor("every operation to be done", isDone, 80_000);
  unsettled = await workload.finish(30_000);
  entries = await opened.readCalls();
}, 120_000);
afterAll(async () => {
  await opened?.close();
  // Fails unless every event's counters are what its reservations add up to.
  await service?.close();
});

describe("on a service that nothing happens to, the workload", () => {
  test("does everything that a client can do, and settles all of it", () => {
    expect(unsettled).toBe(0);
    expect(opened.workload.inFlight).toBe(0);
    expect(missingOf(opened.workload.tally)).toEqual([]);
  });

  test("reaches the refusals that matter: sold out, all held, twice the same user, too late", () => {
    const said = new Set(opened.workload.tally.keys());
    expect(said).toContain("hold sold_out");
    expect(said).toContain("hold all_held");
    expect(said).toContain("hold duplicate_reservation");
    expect(said).toContain("confirm hold_expired");
  });

  test("writes an answer down for each attempt, and numbers the attempts of a call from 1 on", () => {
    for (const [, call] of byCall(entries)) {
      const steps = call.map(({ type, attempt }) => `${attempt} ${type === "invoke" ? "sent" : "heard"}`);
      const expected = call.map(
        (_, index) => `${Math.floor(index / 2) + 1} ${index % 2 === 0 ? "sent" : "heard"}`,
      );
      expect(steps).toEqual(expected);
    }
  });

  test("repeats a call with the same key and the same bytes, and is answered with the same bytes", () => {
    const isDefinite = ({ type }: CallEntry) => type === "ok" || type === "fail";
    const repeated = [...byCall(entries).values()].filter((call) => call.filter(isDefinite).length > 1);
    expect(repeated.length).toBeGreaterThan(0);
    for (const call of repeated) {
      const sent = call.filter(({ type }) => type === "invoke");
      // A busy machine may leave an attempt without a definite answer.
      const heard = call.filter(isDefinite);
      expect(new Set(sent.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
      expect(new Set(heard.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
      expect(sent[0]?.key).not.toBeNull();
    }
  });

  test("gives each call a key of its own, except what only reads, PUT, DELETE and PATCH, and some holds", () => {
    const firsts = entries.filter(({ type, attempt }) => type === "invoke" && attempt === 1);
    const keys = firsts.flatMap(({ key }) => key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    const keyless = new Set(firsts.filter(({ key }) => key === null).map(({ f }) => f));
    expect(keyless).toEqual(new Set(["read", "put_item", "remove_item", "change_event", "hold"]));
  });

  test("tells strangers from owners: what is another's is not there", () => {
    const told = byCall(entries);
    const owners = new Map<string, string | null>();
    for (const { f, type, user, reservation_id: id } of entries)
      if (f === "hold" && type === "ok" && id !== null) owners.set(id, user);
    const strangers = [...told.values()].filter(([sent]) => {
      const owner = owners.get(sent?.subject ?? "");
      return owner !== undefined && owner !== sent?.user;
    });
    expect(strangers.length).toBeGreaterThan(0);
    expect(new Set(strangers.map((call) => call.at(-1)?.status))).toEqual(new Set([404]));
  });

  test("names the reservation that an answer speaks of", () => {
    const holds = entries.filter(({ f, type }) => f === "hold" && type === "ok");
    for (const { body, reservation_id: id } of holds) expect(JSON.parse(body ?? "")).toMatchObject({ id });
    const duplicates = entries.filter(({ body }) => body?.includes('"duplicate_reservation"') === true);
    for (const { body, reservation_id: id } of duplicates)
      expect(JSON.parse(body ?? "")).toMatchObject({ reservation_id: id });
    expect(duplicates.length).toBeGreaterThan(0);
  });
});

function missingOf(tally: ReadonlyMap<string, number>): string[] {
  const done = new Set(
    [...tally.keys()].filter((each) => / 2\d\d$/.test(each)).map((each) => each.split(" ")[0]),
  );
  return Object.keys(operations).filter((each) => !done.has(each));
}

function byCall(all: readonly CallEntry[]): Map<number, CallEntry[]> {
  const calls = new Map<number, CallEntry[]>();
  for (const entry of all) calls.set(entry.call, [...(calls.get(entry.call) ?? []), entry]);
  return calls;
}
