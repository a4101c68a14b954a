import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { alertName } from "../../api/contract/dashboard.ts";
import { settings } from "../../api/kernel/settings.ts";
import { textsOf, readDockerfile } from "../containers/read-dockerfile.ts";
import { listMetrics } from "./list-metrics.ts";
import { exists, readText } from "./project-files.ts";

const path = "docs/operations.md";
const page = readText(path);
const prose = page.replaceAll(/```[\s\S]*?```/g, "");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readText("package.json")));

let metrics: Map<string, ReadonlySet<string>>;
beforeAll(async () => {
  metrics = await listMetrics();
});

/** How GitHub names the place of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
const headings = [...page.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = ""]) => heading);

test("every alert has its section in the runbook, and every section there is an alert", () => {
  const [, runbook = ""] = page.split(/^## Runbook$/m);
  const sections = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  expect(sections.toSorted()).toEqual(alertName.options.toSorted());
});

test("every link leads somewhere", () => {
  const targets = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
  const anchors = new Set(headings.map(anchorOf));
  const broken = targets.filter((target) =>
    target.startsWith("#") ? !anchors.has(target.slice(1)) : !exists(join(dirname(path), target)),
  );
  expect(targets.length).toBeGreaterThan(10);
  expect(broken).toEqual([]);
});

test("every setting is explained with the default that it has", () => {
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const told = Object.keys(settings).map(
    (name) => rows.find((cells) => cells[1] === `\`${name}\``)?.[2] ?? "",
  );
  const expected = Object.entries(settings).map(([name, setting], index) => {
    // Where the default is a path or is made, words say what it is.
    const fallback = "fallback" in setting && name !== "DATA_DIR" ? setting.fallback : "";
    return fallback === "" ? told[index] : fallback;
  });
  expect(told).toEqual(expected);
  expect(told).not.toContain("");
});

test("names no setting that there is not", () => {
  const compose = readText("docker-compose.yml");
  const names = [...prose.matchAll(/`([A-Z][A-Z_]{3,})(?:=[^`]*)?`/g)].map(([, name = ""]) => name);
  const unknown = names.filter((name) => !(name in settings) && !compose.includes(`\${${name}`));
  expect(names.length).toBeGreaterThan(20);
  expect(unknown).toEqual([]);
});

test("calls only commands and files that are there", () => {
  const runs = [...page.matchAll(/npm run ([\w-]+)/g)].map(([, script = ""]) => script);
  expect(runs.filter((script) => scripts[script] === undefined)).toEqual([]);
  const files = [...page.matchAll(/(?<![\w./])((?:api|deploy|scripts|docs)\/[\w./-]+\w)/g)].map(
    ([, file = ""]) => file,
  );
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !exists(file))).toEqual([]);
});

test("runs in a container only what is in the image", () => {
  const image = readDockerfile(readText("Dockerfile")).at(-1);
  const copied = image === undefined ? "" : textsOf(image, "COPY").join(" ");
  const inside = [...page.matchAll(/exec holdfast node (\w+)\//g)].map(([, folder = ""]) => folder);
  expect(inside.length).toBeGreaterThan(0);
  expect(inside.filter((folder) => !copied.includes(`${folder} ${folder}`))).toEqual([]);
});

test("names no metric that there is not", () => {
  const named = [...page.matchAll(/\b(?:holdfast_|http_request_|db_client_)\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !metrics.has(name))).toEqual([]);
});
