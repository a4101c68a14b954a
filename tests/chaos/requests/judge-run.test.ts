import { describe, expect, test } from "vitest";
import { judgeMemory } from "../../../chaos/requests/judge-memory.ts";
import { ServiceLog } from "../../../chaos/requests/service-log.ts";
import { type Findings, summarise } from "../../../chaos/requests/summary.ts";
import { Tally } from "../../../chaos/requests/tally.ts";

const mebibyte = 1024 * 1024;

describe("the memory of a run", () => {
  const judge = (bytesAt: (sent: number) => number, everyNth = 10) => {
    const samples = Array.from({ length: 1_000 / everyNth }, (_, index) => {
      const sent = index * everyNth;
      return { sent, workersBytes: bytesAt(sent), supervisorBytes: 0 };
    });
    return judgeMemory(samples, 1_000, ({ workersBytes }) => workersBytes).verdict;
  };

  test("is flat when it grows during the warm-up only", () => {
    expect(judge((sent) => Math.min(sent, 200) * mebibyte)).toBe("flat");
  });

  test("leaks when it goes on growing", () => {
    expect(judge((sent) => (200 + sent * 0.2) * mebibyte)).toBe("leaks");
  });

  test("is not judged by a few looks", () => {
    expect(judge((sent) => sent * mebibyte, 50)).toBe("not judged");
  });
});

describe("the log of a service", () => {
  test("counts errors and last words, and no warning, once it is attacked", () => {
    const log = new ServiceLog();
    log.take("Building the pages.\n");
    log.startCounting();
    log.take('{"level":40,"msg":"Away."}\n{"level":40,"msg":"Away."}\n{"level":50,"ms');
    log.take('g":"A request failed."}\n\nTypeError: no\n');
    expect(log.defects).toEqual(['{"level":50,"msg":"A request failed."}', "TypeError: no"]);
    expect([...log.warnings]).toEqual([["Away.", 2]]);
  });
});

describe("the verdict", () => {
  const flat = { verdict: "flat", firstBytes: 1, lastBytes: 1, boundBytes: 2 } as const;
  const good: Findings = {
    seed: 1,
    requests: 1,
    seconds: 1,
    tally: new Tally(),
    replays: 0,
    logDefects: [],
    logDefectCount: 0,
    warnings: new Map(),
    restarts: 0,
    isGone: false,
    stoppedInOrder: true,
    audit: { holds: true, text: "" },
    memory: { workers: flat, supervisor: flat },
  };
  const failed = new Tally();
  failed.fail({ number: 0, asked: "", why: "", sent: "", received: "" });
  const leaks = { ...flat, verdict: "leaks" } as const;

  test.each<[string, Partial<Findings>, string]>([
    ["pass", {}, "nothing was found"],
    ["broken", { tally: failed }, "an answer was wrong"],
    ["broken", { logDefectCount: 1 }, "an error was logged"],
    ["broken", { restarts: 1 }, "a worker crashed"],
    ["broken", { isGone: true, audit: null }, "the service ended"],
    ["broken", { stoppedInOrder: false }, "it did not stop"],
    ["broken", { audit: { holds: false, text: "" } }, "the stock does not add up"],
    ["leaks", { memory: { workers: leaks, supervisor: flat } }, "a worker leaks"],
    ["leaks", { memory: { workers: flat, supervisor: leaks } }, "the supervisor leaks"],
  ])("is %s when of all findings %j counts: %s", (verdict, finding) => {
    const summary = summarise({ ...good, ...finding });
    expect(summary.verdict).toBe(verdict);
    expect(summary.reasons.length).toBe(verdict === "pass" ? 0 : 1);
  });
});
