import { expect, test } from "vitest";
import { countUndonePayments } from "../../api/operations/list-jobs.ts";
import { sampleJob } from "./open-test-operations.ts";

test("payments and refunds that were tried in vain are counted, and nothing else is", () => {
  const counts = { waiting: 1, running: 10, retrying: 100, failed: 1_000 };
  const jobs = [
    sampleJob("settle-payment", { counts }),
    sampleJob("refund-payment", { counts }),
    sampleJob("send-receipt", { counts }),
    sampleJob("sweep-overdue-holds"),
  ];
  expect(countUndonePayments(jobs)).toBe(2_200);
  // Before the queues were first counted, and where no background work is done.
  expect(countUndonePayments([sampleJob("settle-payment")])).toBe(0);
  expect(countUndonePayments([])).toBe(0);
});
