import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChaosError } from "../../chaos/chaos-error.ts";
import { readStrikes } from "../../chaos/kill-points/pair-strikes.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-continue-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(text: string): Promise<string> {
  const path = join(folder, "result.json");
  await writeFile(path, text);
  return path;
}

const strike = { point: "before commit", victim: "worker", strikes: 2 };

describe("a sweep is continued", () => {
  test("from the strikes in the result of the last one, whatever else is in it", async () => {
    const other = { ...strike, victim: "backend" };
    const stages = [
      { name: "separate", strikes: [strike, other] },
      { name: "more", strikes: [{ ...strike, strikes: 3 }] },
    ];
    const path = await write(JSON.stringify({ verdict: "pass", stages }));
    expect(await readStrikes(path)).toEqual([other, { ...strike, strikes: 5 }]);
  });

  test.each([
    ["no file", null],
    ["no JSON", "{"],
    ["no result", "{}"],
    ["a victim that nobody kills", JSON.stringify({ stages: [{ strikes: [{ ...strike, victim: "cat" }] }] })],
    ["strikes below zero", JSON.stringify({ stages: [{ strikes: [{ ...strike, strikes: -1 }] }] })],
  ])("not from %s, which is told in one sentence", async (_, text) => {
    const path = text === null ? join(folder, "absent.json") : await write(text);
    const reading = readStrikes(path);
    await expect(reading).rejects.toThrow(ChaosError);
    await expect(reading).rejects.toThrow(/^No sweep can be continued from .+: .+$/);
  });
});
