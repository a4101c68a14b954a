import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { childrenOf, isAlive, sendSignal } from "../../chaos/system/read-processes.ts";
import { waitFor } from "../support/wait-for.ts";

const forever = ["-e", "setInterval(() => {}, 1000)"];

describe("the processes that a chaos run may kill", () => {
  test("are found by their parent, and are gone once they have ended", async () => {
    const child = spawn(process.execPath, forever, { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const pid = child.pid ?? 0;
    expect((await childrenOf(process.pid)).map((each) => each.pid)).toContain(pid);
    expect((await childrenOf(pid)).map((each) => each.pid)).not.toContain(pid);
    expect(await isAlive(pid)).toBe(true);
    expect(sendSignal(pid, "SIGKILL")).toBe(true);
    await once(child, "exit");
    await waitFor("its end", async () => !(await isAlive(pid)));
    expect((await childrenOf(process.pid)).map((each) => each.pid)).not.toContain(pid);
  });

  test.each([1, 0, -1, 1.5, Number.NaN])("are never %d, which would be somebody else's", async (pid) => {
    expect(sendSignal(pid, "SIGCONT")).toBe(false);
    expect(await isAlive(pid)).toBe(false);
  });
});
