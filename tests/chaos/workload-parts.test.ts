import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { SeededRandom } from "../../chaos/seeded-random.ts";
import { WorkloadEnded } from "../../chaos/workload/call.ts";
import { drawJourney, everything, type JourneyKind } from "../../chaos/workload/journey-mix.ts";
import { Pacer } from "../../chaos/workload/pace-calls.ts";
import { PhoneNumbers } from "../../chaos/workload/phone-numbers.ts";
import { CodeReader } from "../../chaos/workload/tail-codes.ts";
import { AcknowledgementWatch } from "../../chaos/workload/watch-acknowledgements.ts";
import { waitFor } from "../support/wait-for.ts";

const never = () => new AbortController().signal;

describe("what is waited for as a sign of life", () => {
  test("is an answer to what was sent since, whatever comes of what was sent before", async () => {
    const watch = new AcknowledgementWatch();
    const before = watch.noteSent();
    const next = watch.next(never());
    watch.noteAnswered(before, 1);
    const since = watch.noteSent();
    watch.noteAnswered(since, 2);
    expect(await next).toBe(2);
  });

  test("is told to each who waits by what was sent since they began to", async () => {
    const watch = new AcknowledgementWatch();
    const first = watch.next(never());
    const sent = watch.noteSent();
    const second = watch.next(never());
    watch.noteAnswered(sent, 1);
    watch.noteAnswered(watch.noteSent(), 2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });
});

describe("the pace", () => {
  let pacer: Pacer;
  let begun: number;
  let isFull: boolean;
  const open = (perSecond: number) => {
    begun = 0;
    isFull = false;
    pacer = new Pacer({
      perSecond,
      isFull: () => isFull,
      beginJourney: () => {
        begun += 1;
        return true;
      },
    });
  };
  afterEach(() => pacer.stop());

  test("begins journeys while no call waits", async () => {
    open(1_000);
    expect(await waitFor("journeys", () => begun > 20)).toBe(true);
  });

  test("lets calls that wait go first, in their order", async () => {
    open(0);
    const order: number[] = [];
    const turns = [1, 2, 3].map((place) => pacer.turn().then(() => order.push(place)));
    pacer.setRate(1_000);
    await Promise.all(turns);
    expect(order).toEqual([1, 2, 3]);
    await waitFor("journeys", () => begun > 0);
  });

  test("pays for many at once by beginning nothing for a while", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    open(100);
    const many = pacer.turn(50);
    vi.advanceTimersByTime(20);
    await many;
    vi.advanceTimersByTime(400);
    expect(begun).toBe(0);
    vi.advanceTimersByTime(200);
    expect(begun).toBeGreaterThan(0);
  });

  test("drops and counts what there is no room for", async () => {
    open(0);
    isFull = true;
    pacer.setRate(2_000);
    await waitFor("dropped turns", () => pacer.dropped > 20);
    expect(begun).toBe(0);
  });

  test("ends those who wait when it is stopped", async () => {
    open(0);
    const turn = pacer.turn();
    pacer.stop();
    await expect(turn).rejects.toThrow(WorkloadEnded);
    await expect(pacer.turn()).rejects.toThrow(WorkloadEnded);
  });
});

describe("the reader of codes", () => {
  let dataDir: string;
  let path: string;
  let end: AbortController;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "holdfast-test-chaos-"));
    path = join(dataDir, "outbox/sms.jsonl");
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    await rm(dataDir, { recursive: true, force: true });
  });
  const line = (to: string, code: string) =>
    `${JSON.stringify({ id: "1", to, text: `${code} is your code.`, at: "2030-01-01T00:00:00.000Z" })}\n`;

  test("finds the last code of each phone, also in a file that comes later, in pieces, and with torn lines", async () => {
    const reader = new CodeReader(dataDir);
    const following = reader.follow(end.signal);
    await mkdir(join(dataDir, "outbox"));
    const [first, second] = [line("+12015550100", "111111"), line("+12015550101", "222222")];
    await writeFile(path, first + second.slice(0, 30));
    await waitFor("the first code", () => reader.codeOf("+12015550100") === "111111");
    expect(reader.codeOf("+12015550101")).toBeUndefined();
    await appendFile(path, `${second.slice(30)}{"id":"torn\n${line("+12015550100", "333333")}`);
    await waitFor("the newer code", () => reader.codeOf("+12015550100") === "333333");
    expect(reader.codeOf("+12015550101")).toBe("222222");
    end.abort();
    await following;
  });

  test("begins anew when the file has been cut short", async () => {
    const reader = new CodeReader(dataDir);
    await mkdir(join(dataDir, "outbox"));
    await writeFile(path, line("+12015550100", "111111").repeat(20));
    const following = reader.follow(end.signal);
    await waitFor("the first code", () => reader.codeOf("+12015550100") !== undefined);
    await writeFile(path, line("+12015550101", "222222"));
    const isFound = () => reader.codeOf("+12015550101") === "222222";
    expect(await waitFor("the code in the new file", isFound)).toBe(true);
    end.abort();
    await following;
  });
});

describe("what chance decides", () => {
  test("is the same for the same seed", () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 50 }, () => drawJourney(random, everything).name);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("gives every kind of journey that has a weight, and no other", () => {
    const random = new SeededRandom(1);
    const drawn = (mix: Partial<Record<JourneyKind, number>>) =>
      new Set(Array.from({ length: 5_000 }, () => drawJourney(random, mix)));
    expect(drawn(everything).size).toBe(Object.keys(everything).length);
    expect(drawn({ lapse: 1, cart: 2 }).size).toBe(2);
  });

  test("gives each phone number once", () => {
    const phones = new PhoneNumbers(new SeededRandom(1));
    const given: string[] = [];
    for (let phone = phones.next(); phone !== null; phone = phones.next()) given.push(phone);
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBeGreaterThan(30_000);
    expect(given.every((phone) => /^\+1[2-9]\d\d55501\d\d$/.test(phone))).toBe(true);
  });
});
