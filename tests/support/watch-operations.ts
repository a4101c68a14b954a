import type { z } from "zod";
import { overviewReply, seriesReply, errorsReply } from "../../api/contract/dashboard.ts";
import { nodesReply, workersReply } from "../../api/contract/dashboard-lists.ts";
import { jobsReply } from "../../api/contract/job-lists.ts";
import { waitFor } from "./wait-for.ts";

/** A worker starts in a fraction of a second; on a machine that runs every test at once it can take a while. */
const startMaxMs = 30_000;

/** Reads what the operations listener tells, each answer held against the contract. */
export class OperationsWatcher {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  overview = () => this.#read("/ops/v1/overview", overviewReply);
  workers = () => this.#read("/ops/v1/workers", workersReply);
  nodes = () => this.#read("/ops/v1/nodes", nodesReply);
  jobs = () => this.#read("/ops/v1/jobs", jobsReply);
  errors = () => this.#read("/ops/v1/errors", errorsReply);
  marks = async () => (await this.#read("/ops/v1/series?minutes=5", seriesReply)).marks;

  /** The process ids of the workers that serve now. */
  async readyPids(): Promise<number[]> {
    const { data } = await this.workers();
    return data.filter(({ state }) => state === "ready").map(({ pid }) => pid);
  }

  /** Waits until so many workers serve. @returns their process ids */
  awaitReady(count: number): Promise<number[]> {
    return waitFor(
      `${count} workers`,
      async () => {
        const pids = await this.readyPids();
        return pids.length === count && pids;
      },
      startMaxMs,
    );
  }

  /** The status of /livez or /readyz. */
  async status(path: string): Promise<number> {
    return (await fetch(this.#url + path)).status;
  }

  /** The sum of a metric's samples whose line contains each of these labels, such as `outcome="held"`. */
  async metric(name: string, ...labels: readonly string[]): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const samples = text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => labels.every((label) => line.includes(label)));
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }

  async #read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
    const response = await fetch(this.#url + path);
    if (response.status !== 200)
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return schema.parse(await response.json());
  }
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
