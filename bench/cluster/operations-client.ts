import { type Mark, type Overview, overviewReply, seriesReply } from "../../api/contract/dashboard.ts";
import { type WorkerEntry, type Workers, workersReply } from "../../api/contract/dashboard-lists.ts";
import { BenchError } from "../bench-error.ts";
import type { Service } from "./service.ts";

const answerMaxMs = 10_000;

/** Asks the operations listener. Every question throws when there is no right answer. */
export class OperationsClient {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  overview = async (): Promise<Overview> => overviewReply.parse(await this.#readJson("/ops/v1/overview"));
  workers = async (): Promise<Workers> => workersReply.parse(await this.#readJson("/ops/v1/workers"));

  /** The workers that take requests, the oldest first. */
  async readyWorkers(): Promise<WorkerEntry[]> {
    const { data } = await this.workers();
    return data
      .filter(({ state }) => state === "ready")
      .toSorted((one, other) => one.started_at.localeCompare(other.started_at));
  }

  /** What happened in the last 15 minutes, the oldest first. */
  async marks(): Promise<readonly Mark[]> {
    return seriesReply.parse(await this.#readJson("/ops/v1/series?minutes=15")).marks;
  }

  /** Reads the whole answer. @returns how long that took, in milliseconds */
  async time(path: string): Promise<number> {
    const sinceMs = performance.now();
    await this.#read(path);
    return performance.now() - sinceMs;
  }

  async #readJson(path: string): Promise<unknown> {
    return JSON.parse(await this.#read(path));
  }

  async #read(path: string): Promise<string> {
    try {
      const response = await fetch(this.#service.opsUrl + path, { signal: AbortSignal.timeout(answerMaxMs) });
      const text = await response.text();
      if (response.status === 200) return text;
      throw new BenchError(`${path} of the operations listener answered ${response.status}: ${text}`);
    } catch (error) {
      if (error instanceof BenchError) throw error;
      const reason = this.#service.ending() ?? (error instanceof Error ? error.message : String(error));
      throw new BenchError(`${path} of the operations listener gave no answer: ${reason}`, { cause: error });
    }
  }
}
