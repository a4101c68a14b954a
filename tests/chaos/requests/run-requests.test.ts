import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Summary } from "../../../chaos/requests/summary.ts";

const mainFile = resolve(import.meta.dirname, "../../../chaos/requests/main.ts");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-requests-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Whatever a run makes is in this folder. */
async function run(...flags: string[]) {
  const child = spawn(process.execPath, [mainFile, ...flags], {
    env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

test("2,000 generated requests break no promise of the service", { timeout: 180_000 }, async () => {
  const file = join(folder, "result.json");
  const { code, stdout, stderr } = await run("--requests", "2000", "--seed", "1", "--json", file);
  expect({ code, stdout, stderr }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Verdict: pass"),
  });
  const summary = JSON.parse(await readFile(file, "utf8")) as Summary;
  expect(summary).toMatchObject({ verdict: "pass", failure_count: 0, log_defects: [], restarts: 0 });
  // Not vacuous: much of it got as far as the books, and every kind of answer came.
  expect(summary.sent).toBeGreaterThanOrEqual(2_000);
  expect(summary.deep / summary.answered).toBeGreaterThan(0.3);
  expect(Object.keys(summary.statuses)).toEqual(
    expect.arrayContaining([
      "200",
      "201",
      "204",
      "400",
      "401",
      "403",
      "404",
      "405",
      "409",
      "415",
      "422",
      "431",
    ]),
  );
  expect(summary.replays).toBeGreaterThan(0);
  expect((await readdir(folder)).filter((name) => name.startsWith("holdfast-bad-requests-"))).toEqual([]);
});

test.each([
  [["--requests", "0"], '--requests must be a whole number from 1 to 100000000, not "0".'],
  [["--nonsense"], "Unknown option '--nonsense'"],
])("what cannot be understood is refused: %j", async (flags, why) => {
  const { code, stderr } = await run(...flags);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
});
