import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { checkPromql, type LabelsOf } from "./check-promql.ts";
import { listMetrics } from "./list-metrics.ts";
import { readText, readYaml } from "./project-files.ts";

const boardPath = "deploy/grafana/boards/holdfast.json";
const source = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });
const target = z.looseObject({
  refId: z.string(),
  datasource: source,
  expr: z.string(),
  legendFormat: z.string(),
});
const gridPos = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0),
  y: z.int().min(0),
});
const rowPanel = z.looseObject({ id: z.int(), type: z.literal("row"), title: z.string(), gridPos });
const dataPanel = z.looseObject({
  id: z.int(),
  type: z.enum(["stat", "timeseries", "table"]),
  title: z.string().min(3),
  description: z.string().min(20),
  datasource: source,
  gridPos,
  targets: z.array(target).min(1).max(5),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.string(), noValue: z.string() }) }),
});
const board = z.looseObject({
  uid: z.literal("holdfast"),
  title: z.string(),
  // The newest that every Grafana from 12 on reads; later ones bring it up to date when they load it.
  schemaVersion: z.literal(41),
  editable: z.literal(false),
  panels: z.array(z.union([rowPanel, dataPanel])),
  templating: z.looseObject({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  annotations: z.looseObject({
    list: z.array(z.looseObject({ name: z.string(), datasource: source, expr: z.string() })),
  }),
});

/** What a title says, and the units of Grafana that may go with it. Without any of the words it is a number or a share. */
const unitsByWords = [
  ["in seconds", ["s"]],
  ["in bytes", ["bytes"]],
  ["per second", ["reqps", "ops"]],
] as const;

const { panels, templating, annotations } = board.parse(JSON.parse(readText(boardPath)));
const dataPanels = panels.filter((panel) => panel.type !== "row") as z.infer<typeof dataPanel>[];
const recordedFile = z.object({
  groups: z.array(
    z.object({ rules: z.array(z.object({ record: z.string().optional(), expr: z.string() })) }),
  ),
});

let labelsOf: LabelsOf;
beforeAll(async () => {
  const metrics = await listMetrics();
  const { groups } = recordedFile.parse(readYaml("deploy/prometheus/alert-rules.yml"));
  for (const { record, expr } of groups.flatMap(({ rules }) => rules)) {
    if (record !== undefined)
      metrics.set(record, checkPromql(expr, (name) => metrics.get(name) ?? null).labels);
  }
  labelsOf = (name) => metrics.get(name) ?? null;
});

test("has the rows of the dashboard, in its order", () => {
  const rows = panels.filter((panel) => panel.type === "row").map(({ title }) => title);
  expect(rows).toEqual(["Verdict", "Traffic", "Saturation", "Sales", "Jobs"]);
});

describe.each(dataPanels.map((panel) => [panel.title, panel] as const))("the panel %s", (_, panel) => {
  test("asks only for metrics and labels that are there", () => {
    for (const { expr, legendFormat } of panel.targets) {
      const { labels } = checkPromql(expr, labelsOf);
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      expect(named.filter((label) => !labels.has(label))).toEqual([]);
    }
  });

  test("names the unit that its title tells", () => {
    const told = unitsByWords.find(([words]) => panel.title.includes(words))?.[1] ?? ["none", "percentunit"];
    expect(told).toContain(panel.fieldConfig.defaults.unit);
  });
});

test("no two panels share an id or a place", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});

test("what happened is drawn on every chart, by queries that work", () => {
  expect(annotations.list.length).toBeGreaterThan(0);
  for (const { expr } of annotations.list) expect(() => checkPromql(expr, labelsOf)).not.toThrow();
});

test("every variable that a query uses is one of the board's", () => {
  const names = new Set(templating.list.map(({ name }) => name));
  const text = readText(boardPath);
  const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
  expect(used.filter((name) => !name.startsWith("__") && !names.has(name))).toEqual([]);
  const machines = templating.list.find(({ name }) => name === "instance");
  const [, metric = ""] = /^label_values\((\w+)\{/.exec(String(machines?.["definition"])) ?? [];
  expect(labelsOf(metric)?.has("instance")).toBe(true);
});
