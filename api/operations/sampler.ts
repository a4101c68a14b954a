import { startLoop, type Loop } from "../kernel/start-loop.ts";
import { type AnswerCounts, countAnswers, subtractCounts } from "./count-answers.ts";
import type { DatabaseState } from "./database-watch.ts";
import { MachineMeter } from "./measure-machine.ts";
import type { MetricTotals } from "./metric-totals.ts";
import { monotonicMs } from "./monotonic-clock.ts";
import type { ClusterSnapshot } from "./operations-ports.ts";
import type { SecondHistory } from "./second-history.ts";
import type { GaugeSums, WorkerReports } from "./worker-reports.ts";

/** Where a sample is taken from. */
export interface SampledParts {
  readonly totals: MetricTotals;
  readonly cluster: { snapshot(): ClusterSnapshot };
  readonly reports: WorkerReports;
  readonly database: { state(): DatabaseState };
  readonly history: SecondHistory;
}

/** What was measured last. */
export interface Sample {
  /** Wall clock, in milliseconds since 1970. */
  readonly atMs: number;
  readonly cluster: ClusterSnapshot;
  readonly sums: GaugeSums;
  readonly database: DatabaseState;
  readonly cpuPercent: number | null;
  /** Of the supervisor and its workers. */
  readonly memoryBytes: number;
  /** Of the worst worker. */
  readonly eventLoopLagMs: number | null;
}

/** A gap in the samples up to so many seconds is filled with its mean; a longer one stays unknown. */
const gapMaxSeconds = 10;

/** Measures everything once a second, and never waits for anybody. */
export class Sampler {
  readonly #parts: SampledParts;
  readonly #onSample: (sample: Sample) => void;
  readonly #machine = new MachineMeter();
  #before: AnswerCounts;
  #loop: Loop | null = null;

  constructor(parts: SampledParts, onSample: (sample: Sample) => void) {
    this.#parts = parts;
    this.#onSample = onSample;
    this.#before = countAnswers(parts.totals);
  }

  /** @param onFailure is told of a defect */
  start(onFailure: (error: unknown) => void): void {
    this.#before = countAnswers(this.#parts.totals);
    this.#loop = startLoop(async () => {
      this.takeSample();
      return 1_000 - (monotonicMs() % 1_000);
    }, onFailure);
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Measures, and writes the second that has just ended. */
  takeSample(second: number = Math.round(monotonicMs() / 1_000)): Sample {
    const { cluster, reports, database, history, totals } = this.#parts;
    const snapshot = cluster.snapshot();
    reports.keepOnly(new Set(snapshot.workers.map(({ id }) => id)));
    const sample: Sample = {
      atMs: Date.now(),
      cluster: snapshot,
      sums: reports.sums(),
      database: database.state(),
      cpuPercent: this.#machine.cpuPercent(),
      memoryBytes: memoryOf(snapshot),
      eventLoopLagMs: worstLag(snapshot),
    };
    // A timer may fire a little early. Its second is not over, so what it counts is left to the next.
    if (history.newest === null || second > history.newest) {
      const counts = countAnswers(totals);
      this.#write(second, sample, subtractCounts(counts, this.#before));
      this.#before = counts;
    }
    this.#onSample(sample);
    return sample;
  }

  #write(second: number, sample: Sample, counted: AnswerCounts): void {
    const { history } = this.#parts;
    const gap = history.newest === null ? 1 : second - history.newest;
    const seconds = gap <= gapMaxSeconds ? gap : 1;
    const { requests, refused, errors, holds, confirms, latencies } = counted;
    const { database, cluster } = sample;
    const columns = {
      requests: requests / seconds,
      refused: refused / seconds,
      errors: errors / seconds,
      holds: holds / seconds,
      confirms: confirms / seconds,
      workers: cluster.live,
      workersWanted: cluster.wanted,
      cpuPercent: sample.cpuPercent,
      memoryBytes: sample.memoryBytes,
      eventLoopLagMs: sample.eventLoopLagMs,
      poolWaiting: sample.sums.pool.waiting,
      databaseConnections: database.load?.connections ?? null,
      databaseLatencyMs: database.latencyMs,
      held: database.stock?.held ?? null,
      sold: database.stock?.sold ?? null,
      free: database.stock?.free ?? null,
    };
    const none = latencies.map(() => 0);
    for (let each = second - seconds + 1; each <= second; each += 1)
      history.write(each, columns, each === second ? latencies : none);
  }
}

function memoryOf({ workers }: ClusterSnapshot): number {
  return workers.reduce((sum, worker) => sum + (worker.memoryBytes ?? 0), process.memoryUsage.rss());
}

function worstLag({ workers }: ClusterSnapshot): number | null {
  const lags = workers.flatMap(({ state, eventLoopLagMs }) =>
    state === "ready" && eventLoopLagMs !== null ? [eventLoopLagMs] : [],
  );
  return lags.length === 0 ? null : Math.max(...lags);
}
