import { afterEach, beforeEach, expect, test } from "vitest";
import type { Attempt } from "../../api/jobs/queue-worker.ts";
import { QueueWatch } from "../../api/jobs/watch-queues.ts";
import { hurryJob } from "../../api/store/durable-jobs.ts";
import { openTestQueue, type TestQueue } from "../support/open-test-queue.ts";
import { waitFor } from "../support/wait-for.ts";

const done: Attempt = { kind: "done" };
let tested: TestQueue;

beforeEach(async () => {
  tested = await openTestQueue();
});
afterEach(() => tested.close());

const untilEmpty = () =>
  waitFor("an empty queue", async () => (await tested.readStates()).size === 0, 20_000);

test("two workers do each job once between them, and nothing is left in the queue", async () => {
  const ids = await tested.add("settle-payment", 120);
  const did: string[] = [];
  const attempt = async (id: string) => {
    did.push(id);
    return done;
  };
  tested.work({ attempt, atOnceMax: 10 });
  tested.work({ attempt, atOnceMax: 10 });
  await untilEmpty();
  expect(did.toSorted()).toEqual(ids.toSorted());
});

test("a worker does a limited number of jobs at once, and goes on with the others", async () => {
  await tested.add("settle-payment", 7);
  const inProgress: (() => void)[] = [];
  let most = 0;
  tested.work({
    atOnceMax: 2,
    attempt: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      most = Math.max(most, inProgress.push(resolve));
      await promise;
      return done;
    },
  });
  for (let count = 0; count < 7; count += 1) {
    const finish = await waitFor("a job in progress", () => inProgress[0]);
    inProgress.shift();
    finish();
  }
  await untilEmpty();
  expect(most).toBe(2);
});

test("a job that fails is tried again after a pause, and the complaint comes once", async () => {
  const [id = ""] = await tested.add("settle-payment");
  let tries = 0;
  tested.work({
    attempt: async () => {
      tries += 1;
      if (tries < 3) throw new Error("The provider is away.");
      return done;
    },
  });
  await waitFor("a second try", async () => tries === 2);
  await waitFor("it to wait again", async () => (await tested.readStates()).get(id) === "retry");
  const [job] = await tested.testDatabase.query(
    "select retry_count, output ->> 'message' as message from pgboss.job",
  );
  expect(job).toEqual({ retry_count: 1, message: "The provider is away." });
  expect(tested.complaints).toEqual(["Failed. The provider is away."]);
  await hurryJob(tested.database, "settle-payment", id);
  await untilEmpty();
  expect(tries).toBe(3);
});

test("a job for which it is too early comes again without a complaint", async () => {
  const [id = ""] = await tested.add("settle-payment");
  const worker = tested.work({ attempt: async () => ({ kind: "later", reason: "Still processing." }) });
  await waitFor("it to wait", async () => (await tested.readStates()).get(id) === "retry");
  expect(worker.status()).toMatchObject({ failures: 0, lastError: null });
  expect(tested.complaints).toEqual([]);
});

test("a worker that is stopped lets its jobs end, puts back what does not, and another does it", async () => {
  const [id = ""] = await tested.add("settle-payment");
  let signalOf: AbortSignal | null = null;
  const stopped = tested.work({
    attempt: (_, signal) => {
      signalOf = signal;
      // What heeds nothing but its signal.
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("Broken off.")));
      });
    },
  });
  await waitFor("the job to be in hand", () => signalOf);
  await stopped.stop();
  expect((await tested.readStates()).get(id)).toBe("retry");
  expect(tested.complaints).toEqual([]);
  const did: string[] = [];
  tested.work({
    attempt: async (taken) => {
      did.push(taken);
      return done;
    },
  });
  await untilEmpty();
  expect(did).toEqual([id]);
});

test("a job that waits for its time is done at once when it is hurried; a hurried job that is gone does no harm", async () => {
  const [soon = ""] = await tested.add("settle-payment", 1, 3_600);
  const [later = ""] = await tested.add("settle-payment", 1, 3_600);
  const did: string[] = [];
  tested.work({
    attempt: async (id) => {
      did.push(id);
      return done;
    },
  });
  await hurryJob(tested.database, "settle-payment", soon);
  await waitFor("the hurried job", () => did.length > 0);
  await hurryJob(tested.database, "settle-payment", soon);
  expect(did).toEqual([soon]);
  await waitFor("its end", async () => [...(await tested.readStates()).keys()].join() === later);
});

test("the watch counts jobs by state and lists the troubled; what was given up is done when it is asked for", async () => {
  const { database, queue, testDatabase } = tested;
  await tested.add("settle-payment", 3, 3_600);
  const [given = ""] = await tested.add("send-receipt");
  await testDatabase.query("update pgboss.job set retry_limit = 0 where id = $1", [given]);
  let isAway = true;
  const worker = tested.work({
    queue: "send-receipt",
    attempt: async () => {
      if (isAway) throw new Error("The mail server is away.");
      return done;
    },
  });
  const watch = new QueueWatch({ database, queue }, (complaint) => tested.complaints.push(complaint));
  await waitFor("the failure to be counted", () => watch.read("send-receipt").counts.failed === 1);
  expect(watch.read("settle-payment").counts).toEqual({ waiting: 3, running: 0, retrying: 0, failed: 0 });
  expect(watch.read("send-receipt").troubled).toMatchObject([
    { id: given, state: "failed", attempts: 1, nextTryAtMs: null, lastError: "The mail server is away." },
  ]);
  isAway = false;
  await watch.hurry("send-receipt");
  worker.lookNow();
  await waitFor("the receipt to be sent", async () => !(await tested.readStates()).has(given));
  await waitFor("the next count", () => watch.read("send-receipt").counts.failed === 0);
  await watch.stop();
});
