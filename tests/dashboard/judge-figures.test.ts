import { describe, expect, it } from "vitest";
import type { FiringAlert } from "../../api/contract/dashboard.ts";
import { judgeConnection } from "../../dashboard/shared/polling/freshness.ts";
import {
  percentOf,
  thresholds,
  type Tone,
  toneOf,
  toneOfAlerts,
  wordOfStatus,
  worstOf,
} from "../../dashboard/shared/thresholds.ts";

describe("the tone of a figure", () => {
  it("of connections warns at 80 and is critical at 90, and clears only at 70 and 80", () => {
    const seen: Tone[] = [];
    for (const percent of [79, 80, 90, 85, 79.9, 70, 69.9]) {
      seen.push(toneOf(percent, thresholds.connectionsPercent, seen.at(-1)));
    }
    expect(seen).toEqual(["calm", "warning", "critical", "critical", "warning", "warning", "calm"]);
  });

  it.each([
    ["event-loop lag", thresholds.eventLoopLagMs, 99.9, 100],
    ["CPU", thresholds.cpuPercent, 79.9, 80],
    ["the longest query", thresholds.longestQuerySeconds, 59, 60],
  ])("of %s warns from its threshold on", (_what, threshold, below, at) => {
    expect([toneOf(below, threshold), toneOf(at, threshold)]).toEqual(["calm", "warning"]);
  });

  it("is calm for what was not measured, whatever it was before", () => {
    expect(toneOf(null, thresholds.connectionsPercent, "critical")).toBe("calm");
  });

  it("follows the alerts of its names, the most severe first", () => {
    const since = "2030-01-01T00:00:00.000Z";
    const firing: FiringAlert[] = [
      { name: "CpuHigh", severity: "warning", summary: "It is busy.", since },
      { name: "NoLiveWorkers", severity: "critical", summary: "None is alive.", since },
    ];
    expect(toneOfAlerts(firing, ["CpuHigh"])).toBe("warning");
    expect(toneOfAlerts(firing, ["CpuHigh", "NoLiveWorkers"])).toBe("critical");
    expect(toneOfAlerts(firing, ["NodeLost"])).toBe("calm");
  });

  it("is the worst of several", () => {
    expect([worstOf("calm", "warning"), worstOf("warning", "critical"), worstOf()]).toEqual([
      "warning",
      "critical",
      "calm",
    ]);
  });

  it("needs both parts of a percentage", () => {
    expect([percentOf(46, 100), percentOf(null, 100), percentOf(46, null), percentOf(1, 0)]).toEqual([
      46,
      null,
      null,
      null,
    ]);
  });
});

describe("a status", () => {
  it("has a word, and one that is not known yet is shown as it is", () => {
    expect((["ok", "degraded", "down"] as const).map(wordOfStatus)).toEqual(["Healthy", "Degraded", "Down"]);
    expect(wordOfStatus("melting" as "ok")).toBe("melting");
  });
});

describe("the connection", () => {
  const seen = { updatedAtMs: 100_000, hasFailed: false, isPaused: false };
  const judge = (members: Partial<typeof seen>, nowMs: number) =>
    judgeConnection({ ...seen, ...members }, nowMs, 1_000);

  it("is live while answers come, and late after 5 s without one", () => {
    expect([judge({}, 105_000), judge({}, 105_001)]).toEqual(["live", "late"]);
  });

  it("is lost as soon as a question fails, even before the first answer", () => {
    expect([judge({ hasFailed: true }, 100_001), judge({ hasFailed: true, updatedAtMs: 0 }, 1)]).toEqual([
      "lost",
      "lost",
    ]);
  });

  it("is not late while nothing is asked on purpose", () => {
    expect(judge({ isPaused: true }, 900_000)).toBe("live");
  });

  it("waits before the first answer", () => {
    expect(judge({ updatedAtMs: 0 }, 900_000)).toBe("waiting");
  });

  it("gives slower questions three rounds", () => {
    expect(judgeConnection(seen, 100_000 + 45_000, 15_000)).toBe("live");
    expect(judgeConnection(seen, 100_000 + 45_001, 15_000)).toBe("late");
  });
});
