import { setTimeout as wait } from "node:timers/promises";
import type { EventReply } from "../api/contract/events.ts";
import type { BackOffice } from "./back-office.ts";
import { compareBooks } from "./compare-books.ts";
import { DemoError } from "./demo-error.ts";
import { insist, type KillResult, killAWorker, type Processes } from "./kill-a-worker.ts";
import { Slots } from "./limit-at-once.ts";
import type { Operations } from "./operations.ts";
import type { Options } from "./options.ts";
import { planArrivals } from "./plan-arrivals.ts";
import { readBooks } from "./read-books.ts";
import { SaleLedger } from "./sale-ledger.ts";
import { sendBuyers } from "./send-buyers.ts";
import type { Shop } from "./shop.ts";
import type { Progress } from "./show-progress.ts";
import { type Summary, summariseSale } from "./summarise-sale.ts";
import { watchWorkers } from "./watch-workers.ts";

export interface Rehearsal {
  readonly options: Options;
  readonly shop: Shop;
  readonly office: BackOffice;
  readonly event: EventReply;
  /** Null when there is no operations listener. */
  readonly operations: Operations | null;
  readonly processes: Processes;
  readonly progress: Progress;
  /** Aborted to send no more buyers. */
  readonly stopping: AbortController;
}

const progressEveryMs = 200;

/** Sends the buyers, compares what they were told with what the service has, and sums up. */
export async function rehearseSale(rehearsal: Rehearsal): Promise<Summary> {
  const { options, shop, event, operations, progress, stopping } = rehearsal;
  const ledger = new SaleLedger();
  const startMs = performance.now();
  const watch = operations === null ? null : watchWorkers(operations);
  const killing = prepareKill(rehearsal);
  const showing = showAndGuard(rehearsal, ledger);
  try {
    await sendBuyers({
      plan: planArrivals(options),
      desk: {
        userIdOf: (number) => shop.userIdOf(number),
        hold: (number) => shop.hold(event.id, number),
        confirm: (id, number) => shop.confirm(id, number),
      },
      ledger,
      slots: new Slots(options.atOnceMax),
      stopping: stopping.signal,
      onArrival: () => killing.afterArrival(ledger.arrived),
      onFinish: showing.afterFinish,
    });
  } finally {
    await showing.stop();
    progress.stop();
  }
  const durationMs = performance.now() - startMs;
  const kill = await killing.result();
  const workers = (await watch?.stop()) ?? null;
  return summariseSale({
    buyersPlanned: options.buyers,
    ratePerSecond: options.ratePerSecond,
    seed: options.seed,
    wasStopped: ledger.arrived < options.buyers,
    durationMs,
    ledger,
    workers,
    kill,
    event,
    books: await compareWithService(rehearsal, ledger),
  });
}

async function compareWithService({ shop, office, event }: Rehearsal, ledger: SaleLedger) {
  try {
    const books = await readBooks(office, event.id);
    const { purchases, held, confirmed, holdRefusals } = ledger;
    const isOurs = (userId: string) => userId.startsWith(shop.userPrefix);
    const { capacity } = event;
    const promises = { purchases, held, confirmed, holdRefusals, isOurs, capacity };
    return { event: books.after, comparison: compareBooks(promises, books) };
  } catch (error) {
    if (error instanceof DemoError) return null;
    throw error;
  }
}

/** Kills a worker once half of the buyers have arrived, if that was asked for. */
function prepareKill({ options, operations, processes, event, progress }: Rehearsal) {
  if (!options.killWorker || operations === null) return { afterArrival: () => {}, result: async () => null };
  const half = Math.ceil(options.buyers / 2);
  let killing: Promise<KillResult> | null = null;
  const kill = async () => {
    const result = await insist(() => killAWorker(operations, processes, event.id));
    progress.say(
      result.kind === "killed"
        ? `Killed worker ${result.workerId}, process ${result.pid}.`
        : `No worker was killed: ${result.reason}.`,
    );
    return result;
  };
  return {
    afterArrival: (arrived: number) => {
      if (arrived !== half) return;
      killing = kill();
      // Whoever asks for the result learns of a failure; until then it must not end the process.
      killing.catch(() => {});
    },
    // Null when the sale was stopped before it came to that.
    result: async () => killing,
  };
}

/** Shows how far the sale is, and stops it when the service has fallen silent for good. */
function showAndGuard({ options, progress, stopping }: Rehearsal, ledger: SaleLedger) {
  const ended = new AbortController();
  const show = () => {
    const { finished, held, confirmed } = ledger;
    const refused = [...ledger.holdRefusals.values()].reduce((sum, count) => sum + count, 0);
    progress.update({ done: finished, held, confirmed, refused });
    const silentMs = ledger.silentMs(performance.now());
    if (silentMs < options.patienceMs || stopping.signal.aborted) return;
    progress.say(
      `The service has not answered for ${Math.round(silentMs / 1000)} s; sending no more buyers.`,
    );
    stopping.abort();
  };
  const showing = (async () => {
    while (!ended.signal.aborted) {
      show();
      await wait(progressEveryMs, undefined, { signal: ended.signal }).catch(() => {});
    }
    show();
  })();
  const tenth = Math.max(1, Math.floor(options.buyers / 10));
  return {
    // So that no tenth passes unseen, however fast the sale is.
    afterFinish: () => {
      if (ledger.finished % tenth === 0) show();
    },
    stop: () => {
      ended.abort();
      return showing;
    },
  };
}
