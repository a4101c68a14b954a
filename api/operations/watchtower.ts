import type { JobStatus } from "../kernel/worker-report.ts";
import type { Node } from "../store/nodes.ts";
import { buildOverview, type Known, measureHealth, rateOf } from "./build-overview.ts";
import { type Judgement, judgeHealth } from "./judge-health.ts";
import { monotonicMs } from "./monotonic-clock.ts";
import type { NodeIdentity } from "./operations-ports.ts";
import { type SampledParts, type Sample, Sampler } from "./sampler.ts";

/** Measures every second, judges, and has the overview ready before anybody asks for it. */
export class Watchtower {
  readonly #parts: SampledParts & {
    readonly node: NodeIdentity;
    readonly lostNodes: () => readonly string[];
  };
  readonly #sampler: Sampler;
  readonly #startedAtMs = monotonicMs();
  #sample: Sample | null = null;
  #judgement: Judgement | null = null;
  #overviewText = "";

  /** @param parts.lostNodes the names of machines that fell silent */
  constructor(
    parts: SampledParts & { readonly node: NodeIdentity; readonly lostNodes: () => readonly string[] },
  ) {
    this.#parts = parts;
    this.#sampler = new Sampler(parts, (sample) => this.#judge(sample));
  }

  start(onFailure: (error: unknown) => void): void {
    this.#sampler.start(onFailure);
  }

  stop(): Promise<void> {
    return this.#sampler.stop();
  }

  /** The last sample; the first one is taken now if need be. */
  measure(): Sample {
    return this.#sample ?? this.#sampler.takeSample();
  }

  /** The last sample, with what can be told of this very moment. */
  look(): Sample {
    const { cluster, database } = this.#parts;
    return { ...this.measure(), cluster: cluster.snapshot(), database: database.state() };
  }

  /** Everything that is known now. */
  known(): Known {
    return this.#knownWith(this.measure());
  }

  /** How busy this machine is, as the others are told. */
  describeLoad(): Omit<Node, keyof NodeIdentity> {
    const { cluster, cpuPercent, memoryBytes } = this.measure();
    return {
      workersLive: cluster.live,
      workersWanted: cluster.wanted,
      requestsPerSecond: rateOf(this.#parts.history, "requests"),
      cpuPercent,
      memoryBytes,
    };
  }

  /** The overview as JSON. */
  overviewText(): string {
    this.measure();
    return this.#overviewText;
  }

  #knownWith(sample: Sample): Known {
    const { history, reports, node } = this.#parts;
    const jobs: readonly JobStatus[] = reports.jobs();
    return { sample, history, jobs, node };
  }

  #judge(sample: Sample): void {
    this.#sample = sample;
    const known = this.#knownWith(sample);
    const measured = measureHealth(known, this.#parts.lostNodes(), this.#startedAtMs);
    this.#judgement = judgeHealth(measured, this.#judgement);
    this.#overviewText = JSON.stringify(buildOverview(known, this.#judgement));
  }
}
