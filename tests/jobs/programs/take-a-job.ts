import { QueueWorker } from "../../../api/jobs/queue-worker.ts";
import { JobQueue } from "../../../api/store/open-job-queue.ts";

// Takes jobs of the queue settle-payment and never finishes one. Says on stdout which it took.
const [connectionString = ""] = process.argv.slice(2);
const queue = await JobQueue.open(connectionString, () => {});
const worker = new QueueWorker(
  queue,
  {
    queue: "settle-payment",
    purpose: "Test.",
    complaint: "Failed.",
    atOnceMax: 5,
    attempt: (id) => {
      process.stdout.write(`${id}\n`);
      return new Promise(() => {});
    },
  },
  (_, error) => process.stderr.write(`${String(error)}\n`),
);
worker.start();
