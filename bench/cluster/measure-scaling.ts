import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { judge } from "./figures.ts";
import { waitUntil } from "./wait-until.ts";
import { type Sale, withSale } from "./with-sale.ts";

/** Low, so that the machine is not the limit: what is measured is what becomes of connections. */
const scaleUpRps = 800;
const scaleDownRps = 500;
const workersMax = 6;
const connections = 64;
/** By the rules of the cluster, so many workers may shrink to one under this load. */
const calmRps = 0.7 * scaleUpRps;
/** What makes 1, 2, 3, 4 and 5 workers grow, as few steps at a time as the rules allow, in shares of the limit. */
const growShares = [1.36, 2.08, 3.3, 4.3, 5.3] as const;
/** How many events these loads make on the way from one worker to six: to 2, 3, 5 and 6. */
const climbEvents = 4;

const eventsGoal = 20;
const requestsGoal = 100_000;
const smokeRequests = 3_000;
const smokeEvents = 2;
/** The cluster waits 10 s before it shrinks by a worker, and every second event is of that kind. */
const limitMs = 170_000;
const smokeLimitMs = 12_000;
const growLimitMs = 12_000;
const lookEveryMs = 100;

/** Sells through many changes of the number of workers, and counts what was not answered as it should be. */
export async function measureScaling(bench: ClusterBench): Promise<PartResult> {
  const settings = { workersMin: 1, workersMax, scaleUpRps, scaleDownRps };
  const { found, buyers, audit } = await withSale(bench, settings, connections, async (sale) => {
    await new LoadDriver(sale, bench).drive();
    const marks = await sale.operations.marks();
    return {
      events: marks.filter(({ kind }) => kind === "scaled").length,
      restarts: await readRestarts(sale),
    };
  });
  const failures = Object.values(buyers.failures);
  const { events, restarts } = found;
  return {
    figures: [
      judge(
        {
          name: "scaling",
          what: `requests that failed, of ${buyers.answered.toLocaleString("en")} through ${events} scale events`,
          unit: "",
          goal: { atMost: 0 },
        },
        [...failures, buyers.unanswered],
        "sum",
      ),
      judge(
        { name: "", what: "scale events, up and down", unit: "", goal: { atLeast: eventsGoal } },
        [events],
        "sum",
      ),
      judge(
        { name: "", what: "requests answered with a 201", unit: "", goal: { atLeast: requestsGoal } },
        [buyers.answered],
        "sum",
      ),
    ],
    audits: [audit],
    notes: [
      `Scaling: ${buyers.closedByService} connections were closed by the service in good order; ${restarts} workers were replaced.`,
      ...Object.entries(buyers.failures).map(([reason, count]) => `Scaling: ${count} failed: ${reason}.`),
    ],
  };
}

async function readRestarts({ operations }: Sale): Promise<number> {
  return (await operations.workers()).restarts_total;
}

/** Changes the load so that the number of workers changes. */
class LoadDriver {
  readonly #sale: Sale;
  readonly #bench: ClusterBench;
  readonly #giveUpAtMs: number;
  #wanted = 1;
  #events = 0;

  constructor(sale: Sale, bench: ClusterBench) {
    this.#sale = sale;
    this.#bench = bench;
    this.#giveUpAtMs = performance.now() + (bench.options.smoke ? smokeLimitMs : limitMs);
  }

  /** Ends when there were enough events and requests, or when it took too long. */
  async drive(): Promise<void> {
    const { smoke } = this.#bench.options;
    const goal = smoke ? smokeEvents : eventsGoal;
    let isClimbing = false;
    while (this.#events < goal && this.#isInTime()) {
      // The last events are of the kind that does not take 10 s, and end at the greatest number of workers.
      if (this.#wanted === 1) isClimbing = goal - this.#events <= climbEvents;
      if (this.#wanted === workersMax) isClimbing = false;
      if (!isClimbing && this.#wanted > 1) await this.#shrink();
      else if (!(await this.#grow())) isClimbing = false;
    }
    const { buyers } = this.#sale;
    const requests = smoke ? smokeRequests : requestsGoal;
    await this.#watch(() => buyers.answered >= requests, this.#leftMs());
  }

  /** @returns false when the cluster did not grow: a slow machine may not be able to serve such a load */
  async #grow(): Promise<boolean> {
    const from = this.#wanted;
    this.#sale.buyers.setRate((growShares[from - 1] ?? 0) * scaleUpRps);
    // New workers shall have taken connections over before the next change takes some away again.
    await this.#watch(
      (wanted, live) => wanted > from && live === wanted,
      Math.min(growLimitMs, this.#leftMs()),
    );
    return this.#wanted > from;
  }

  async #shrink(): Promise<void> {
    const from = this.#wanted;
    this.#sale.buyers.setRate(calmRps);
    await this.#watch((wanted) => wanted < from, this.#leftMs());
  }

  #leftMs(): number {
    return this.#giveUpAtMs - performance.now();
  }

  #isInTime(): boolean {
    return this.#leftMs() > 0;
  }

  async #watch(isEnough: (wanted: number, live: number) => boolean, watchMs: number): Promise<void> {
    const { operations } = this.#sale;
    const look = async () => {
      const { wanted, live } = await operations.workers();
      this.#note(wanted);
      return isEnough(wanted, live);
    };
    await waitUntil(look, { everyMs: lookEveryMs, limitMs: watchMs, signal: this.#bench.signal });
  }

  #note(wanted: number): void {
    if (wanted === this.#wanted) return;
    this.#events += 1;
    this.#bench.log(
      `scale event ${this.#events}: ${this.#wanted} to ${wanted} workers, ${this.#sale.buyers.answered} requests so far`,
    );
    this.#wanted = wanted;
  }
}
