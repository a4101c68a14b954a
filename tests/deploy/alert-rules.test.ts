import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { alertName } from "../../api/contract/dashboard.ts";
import { type Measured, rules as judgedRules, type Severity } from "../../api/operations/health-rules.ts";
import { checkPromql, type LabelsOf, type Result } from "./check-promql.ts";
import { listMetrics } from "./list-metrics.ts";
import { exists, readText, readYaml } from "./project-files.ts";

const duration = z.string().regex(/^\d+[smhd]$/);
const alert = z.strictObject({
  alert: alertName,
  expr: z.string(),
  for: duration.optional(),
  labels: z.strictObject({ severity: z.enum(["warning", "critical"]), window: duration.optional() }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const record = z.strictObject({ record: z.string().regex(/^\w+(?::\w+){2}$/), expr: z.string() });
const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([alert, record])) })),
});

const rulesPath = "deploy/prometheus/alert-rules.yml";
const rules = ruleFile.parse(readYaml(rulesPath)).groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => "alert" in rule);
const runbook = readText("docs/operations.md");

/** A moment at which no alert has a reason to fire. */
const quiet: Measured = {
  nowMs: 0,
  uptimeMs: 600_000,
  role: "all",
  workers: { live: 1, wanted: 1, min: 1, max: 6 },
  crashLoop: null,
  database: { isUp: true, connections: 10, connectionsMax: 100, longestQuerySeconds: 0 },
  stock: null,
  oversold: 0,
  mismatches: 0,
  overdue: { count: 0, oldestSeconds: null },
  paymentsUndone: 0,
  workGivenUp: 0,
  eventLoopLagMs: 1,
  cpuPercent: 20,
  recent: { requests: 0, errors: 0 },
  burn: { fast: 0, slow: 0 },
  lostNodes: [],
};

let labelsOf: LabelsOf;
beforeAll(async () => {
  const metrics = await listMetrics();
  for (const rule of rules) {
    if ("record" in rule)
      metrics.set(rule.record, checkPromql(rule.expr, (name) => metrics.get(name) ?? null).labels);
  }
  labelsOf = (name) => metrics.get(name) ?? null;
});

test("every rule asks only for metrics and labels that are there, and can match", () => {
  const check = (expr: string): Result | string => {
    try {
      return checkPromql(expr, labelsOf);
    } catch (error) {
      return String(error);
    }
  };
  const results = rules.map(({ expr }) => check(expr));
  expect(results.filter((result) => typeof result === "string" || result.kind !== "vector")).toEqual([]);
});

test("every alert that the dashboard can show is shipped as a rule, and no other", () => {
  const names = new Set<string>(alerts.map((rule) => rule.alert));
  expect([...names].toSorted()).toEqual(alertName.options.toSorted());
});

describe.each(alerts.map((rule) => [`${rule.alert}, ${rule.labels.severity}`, rule] as const))(
  "%s",
  (_, rule) => {
    test("has a runbook section that says what it means, what it costs, where to look and what to do", () => {
      const [path, anchor] = rule.annotations.runbook_url.split("#");
      expect(path).toBe("docs/operations.md");
      expect(anchor).toBe(rule.alert.toLowerCase());
      expect(exists(path ?? "")).toBe(true);
      const section = runbook.split(/^### /m).find((text) => text.startsWith(`${rule.alert}\n`)) ?? "";
      for (const part of ["Means", "Impact", "Look at", "Do"]) expect(section).toContain(`**${part}:**`);
    });

    test("fills in only labels that its series have", () => {
      const { summary, description } = rule.annotations;
      const used = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(
        ([, label = ""]) => label,
      );
      const { labels } = checkPromql(rule.expr, labelsOf);
      expect(used.filter((label) => !labels.has(label))).toEqual([]);
      expect(`${summary}${description}`.split("{{").length).toBe(
        `${summary}${description}`.split("}}").length,
      );
    });
  },
);

test("an alert of two levels says so by its severity, so that none hides another", () => {
  const keys = alerts.map((rule) => JSON.stringify([rule.alert, rule.labels]));
  expect(new Set(keys).size).toBe(keys.length);
});

test.each<[name: string, asMeasured: (level: number) => Partial<Measured>]>([
  ["CpuHigh", (level) => ({ cpuPercent: 100 * level })],
  ["HoldSweeperStalled", (level) => ({ overdue: { count: 1, oldestSeconds: level } })],
])("%s fires and clears at the levels at which it does on the dashboard", (name, asMeasured) => {
  const { expr = "" } = alerts.find((rule) => rule.alert === name) ?? {};
  const levels = [...expr.matchAll(/ > ([\d.]+)/g)].map(([, level]) => Number(level));
  const judged = judgedRules.find((rule) => rule.name === name);
  const finds = (level: number, severity: Severity | null) =>
    judged?.find({ ...quiet, ...asMeasured(level) }, severity) !== null;
  expect(levels).toHaveLength(2);
  for (const [index, severity] of [null, "warning" as const].entries()) {
    const level = levels[index] ?? 0;
    expect([finds(level * 0.999, severity), finds(level * 1.001, severity)]).toEqual([false, true]);
  }
});

test("the error budget's two alerts spend 2 % and 5 % of 30 days within their windows", () => {
  const objective = 0.001;
  const burns = alerts.filter((rule) => rule.alert === "ErrorBudgetBurn");
  const spent = burns.map(({ expr, labels: { window = "" } }) => {
    const found = /ratio_rate(\w+) >= ([\d.]+) \* ([\d.]+)\s+and job:\w+:ratio_rate(\w+) >= ([\d.]+) \*/.exec(
      expr,
    );
    const [, long = "", factor = "", budget = "", short = "", shortFactor = ""] = found ?? [];
    expect(long).toBe(window);
    expect(Number(budget)).toBe(objective);
    expect(shortFactor).toBe(factor);
    // The short window ends the alert soon after the failures do.
    expect(minutesOf(long) / minutesOf(short)).toBe(12);
    return Number(((Number(factor) * minutesOf(long)) / (30 * 24 * 60)).toFixed(4));
  });
  expect(spent).toEqual([0.02, 0.05]);
});

test("each recorded share of failures is taken over the window that its name tells", () => {
  const recorded = rules.flatMap((rule) => ("record" in rule ? [rule] : []));
  const shares = recorded.filter((rule) => rule.record.includes("http_request_errors"));
  expect(shares).toHaveLength(4);
  for (const { record: name, expr } of shares) {
    const window = /ratio_rate(\w+)$/.exec(name)?.[1];
    expect([...expr.matchAll(/\[(\w+)\]/g)].map(([, each]) => each)).toEqual([window, window, window]);
  }
});

function minutesOf(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith("h") ? 60 : 1);
}
