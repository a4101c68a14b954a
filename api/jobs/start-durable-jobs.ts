import { CodeBooks, sendCode, type SendCodeContext } from "../features/customers/send-code.ts";
import type { VerificationTerms } from "../features/customers/verification-context.ts";
import { returnPayment } from "../features/orders/return-payment.ts";
import { ReceiptBooks, type ReceiptContext, sendReceipt } from "../features/orders/send-receipt.ts";
import type { SettlementContext } from "../features/orders/settle-order.ts";
import type { Database } from "../store/open-database.ts";
import { JobQueue } from "../store/open-job-queue.ts";
import { describeQueue } from "./describe-queue.ts";
import { type QueuedWork, QueueWorker } from "./queue-worker.ts";
import { settlePayment } from "./settle-payments.ts";
import type { RunningJobs } from "./start-jobs.ts";
import { QueueWatch } from "./watch-queues.ts";

export interface DurableJobContext extends SettlementContext, Pick<ReceiptContext, "publicUrl"> {
  readonly database: Database;
  readonly connectionString: string;
  /** Opens the way that receipts take. Only who does jobs pays for it. */
  readonly openEmail: () => Promise<ReceiptContext["email"]>;
  /** The same for the way that codes take. */
  readonly openSms: () => Promise<SendCodeContext["sms"]>;
  readonly verification: Pick<VerificationTerms, "codes">;
}

/**
 * Starts doing what waits in the durable queues. Several processes may do it at once: each job is in one's hands at a
 * time, and a job whose process dies goes to another within 15 s.
 */
export async function startDurableJobs(
  context: DurableJobContext,
  onFailure: (complaint: string, error: unknown) => void,
): Promise<RunningJobs> {
  const onLost = (error: Error) => onFailure("The connection to the job queue is troubled.", error);
  const queue = await JobQueue.open(context.connectionString, onLost);
  const email = await context.openEmail();
  const sms = await context.openSms();
  const receipts = { email, receiptBooks: new ReceiptBooks(context.database) };
  const codes = { sms, codeBooks: new CodeBooks(context.database), codes: context.verification.codes };
  const queues = listWork({ ...context, ...receipts, ...codes }).map((work) => ({
    work,
    worker: new QueueWorker(queue, work, onFailure),
  }));
  const watch = new QueueWatch({ database: context.database, queue }, onFailure);
  for (const { worker } of queues) worker.start();
  const hurry = async ({ work, worker }: (typeof queues)[number]) => {
    await watch.hurry(work.queue);
    worker.lookNow();
  };
  return {
    status: () => [
      ...queues.map(({ work, worker }) => describeQueue(work, worker, watch.read(work.queue))),
      watch.status(),
    ],
    runNow: (name) => {
      const asked = queues.find(({ work }) => work.queue === name);
      if (asked === undefined) return watch.runNow(name);
      void hurry(asked);
      return true;
    },
    stop: async () => {
      await Promise.all([watch.stop(), ...queues.map(({ worker }) => worker.stop())]);
      await Promise.all([email.close(), sms.close(), queue.close()]);
    },
  };
}

function listWork(context: DurableJobContext & ReceiptContext & SendCodeContext): QueuedWork[] {
  return [
    {
      queue: "settle-payment",
      purpose: "Asks what came of payments whose request could not tell.",
      complaint: "A payment could not be settled; trying again.",
      atOnceMax: 20,
      attempt: (id, signal) => settlePayment(context, id, signal),
    },
    {
      queue: "refund-payment",
      purpose: "Returns the money of refunded orders.",
      complaint: "A payment could not be returned; trying again.",
      atOnceMax: 10,
      attempt: async (id, signal) => {
        await returnPayment(context, id, signal);
        return { kind: "done" };
      },
    },
    {
      queue: "send-receipt",
      purpose: "Sends buyers their receipts.",
      complaint: "A receipt could not be sent; trying again.",
      atOnceMax: 100,
      attempt: async (id, signal) => {
        await sendReceipt(context, id, signal);
        return { kind: "done" };
      },
    },
    {
      queue: "send-code",
      purpose: "Sends the codes that verify phones.",
      complaint: "A code could not be sent; trying again.",
      atOnceMax: 100,
      attempt: (id, signal) => sendCode(context, id, signal),
    },
  ];
}
