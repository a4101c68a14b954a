import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { QueueWatch } from "../../api/jobs/watch-queues.ts";
import { openTestQueue, type TestQueue } from "../support/open-test-queue.ts";
import { waitFor } from "../support/wait-for.ts";

const program = resolve(import.meta.dirname, "programs/take-a-job.ts");
/** Generous: a heartbeat is missed after 10 s. */
const takeOverMaxMs = 60_000;
let tested: TestQueue;
let child: ChildProcess;

beforeEach(async () => {
  tested = await openTestQueue();
});
afterEach(async () => {
  child.kill("SIGKILL");
  await tested.close();
});

/** Lets another process take a job. @returns when it has it */
async function letAnotherTake(id: string): Promise<void> {
  let taken = "";
  child = spawn(process.execPath, [program, tested.testDatabase.connectionString], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout?.on("data", (text) => (taken += text));
  await waitFor("the other process to take the job", () => taken.includes(id), 20_000);
}

function takeOver() {
  const did: string[] = [];
  tested.work({
    attempt: async (id) => {
      did.push(id);
      return { kind: "done" };
    },
  });
  const watch = new QueueWatch({ database: tested.database, queue: tested.queue }, () => {});
  return { did, watch };
}

test(
  "a job whose process is killed in the middle of it is done by another",
  { timeout: 90_000 },
  async () => {
    const [id = ""] = await tested.add("settle-payment");
    await letAnotherTake(id);
    child.kill("SIGKILL");
    const { did, watch } = takeOver();
    await waitFor("the job to be taken over", () => did.length > 0, takeOverMaxMs);
    expect(did).toEqual([id]);
    await waitFor("the queue to be empty", async () => (await tested.readStates()).size === 0);
    await watch.stop();
  },
);

test(
  "a job whose process still moves is left to it, however long it takes",
  { timeout: 90_000 },
  async () => {
    const [id = ""] = await tested.add("settle-payment");
    await letAnotherTake(id);
    // As if it had been taken long ago; what counts is that it moves.
    await tested.testDatabase.query("update pgboss.job set started_on = now() - interval '30 seconds'");
    const { did, watch } = takeOver();
    const beats = async () => {
      const rows = await tested.testDatabase.query(
        "select extract(epoch from heartbeat_on) as at from pgboss.job",
      );
      return Number(rows[0]?.["at"]);
    };
    const first = await beats();
    await waitFor("heartbeats", async () => (await beats()) > first + 10, takeOverMaxMs);
    expect(did).toEqual([]);
    expect((await tested.readStates()).get(id)).toBe("active");
    await watch.stop();
  },
);
