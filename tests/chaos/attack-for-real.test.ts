import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const mainFile = resolve(import.meta.dirname, "../../chaos/main.ts");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a temporary folder of its own. */
function runChaos(folder: string, flags: readonly string[]): Promise<Ended> {
  return new Promise((settle) => {
    const options = { env: { ...process.env, TMPDIR: folder }, maxBuffer: 1e8 };
    execFile(process.execPath, [mainFile, ...flags], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      settle({ code, stdout, stderr });
    });
  });
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-chaos-test-"));
  // A database's own user has to get through.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

describe("npm run chaos", () => {
  test("tells a wrong option in a sentence, and ends with 2", async () => {
    const { code, stderr } = await runChaos(makeFolder(), ["--seconds", "x"]);
    expect([code, stderr]).toEqual([2, '--seconds must be a whole number from 5 to 604800, not "x".\n']);
  });

  test("shows every scenario in its help", async () => {
    const { code, stdout } = await runChaos(makeFolder(), ["--help"]);
    expect(code).toBe(0);
    for (const name of ["everything", "calm", "worker-kills", "disk-full"]) expect(stdout).toContain(name);
  });

  test(
    "attacks a service that it starts, judges it, and leaves nothing behind",
    { timeout: 120_000 },
    async () => {
      const folder = makeFolder();
      const json = join(folder, "result.json");
      const flags = [
        "--scenario",
        "worker-kills",
        "--seconds",
        "8",
        "--rate",
        "60",
        "--seed",
        "5",
        "--json",
        json,
      ];
      const { code, stdout } = await runChaos(folder, flags);
      const result = JSON.parse(readFileSync(json, "utf8"));
      // How late tickets come back depends on what else this machine does; nothing else may be broken.
      const { deadline, ...others } = result.counts;
      expect(Object.values(others)).toEqual(Object.values(others).map(() => 0));
      expect(code).toBe({ pass: 0, unknown: 1, broken: 3 }[String(result.verdict)]);
      expect(result.verdict === "broken").toBe(deadline > 0);
      expect(result.figures).toMatchObject({ lost: 0, duplicated: 0, oversold: 0, leaked: 0 });
      expect(result.figures.acknowledged).toBeGreaterThan(0);
      expect(result.figures.samples).toBeGreaterThan(0);
      expect(result.faults.map(({ kind }: { kind: string }) => kind)).toEqual(["worker_kill", "lost_reply"]);
      expect(stdout).toMatch(/(?:PASS|UNKNOWN|BROKEN): /);
      expect(readdirSync(folder).filter((name) => !name.includes(".jsonl"))).toEqual(["result.json"]);
      expect(processesAt(folder)).toEqual([]);
    },
  );
});

/** Processes that were started with a folder among their arguments. */
function processesAt(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(folder) && !line.includes("vitest") ? [line] : [];
      } catch {
        return [];
      }
    });
}
