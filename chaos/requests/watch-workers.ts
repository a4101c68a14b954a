import { setTimeout as wait } from "node:timers/promises";
import type { z } from "zod";
import { overviewReply } from "../../api/contract/dashboard.ts";
import { workersReply } from "../../api/contract/dashboard-lists.ts";
import type { Address } from "./connection.ts";

/** The memory of the processes at one moment. */
export interface MemorySample {
  /** How many requests had been sent. */
  readonly sent: number;
  readonly workersBytes: number;
  readonly supervisorBytes: number;
}

const everyMs = 200;
const askMaxMs = 5_000;

/** Asks the operations listener every now and then how the workers are. */
export class WorkerWatch {
  readonly samples: MemorySample[] = [];
  /** Crashes, as the supervisor counts them. */
  restarts = 0;
  /** Looks that had no answer. */
  missed = 0;
  readonly #origin: string;
  readonly #stopping = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor({ host, port }: Address) {
    this.#origin = `http://${host}:${port}`;
  }

  /** @param sent how many requests have been sent by now */
  start(sent: () => number): void {
    this.#ended = this.#run(sent);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#look(Number.NaN);
  }

  async #run(sent: () => number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look(sent());
      await wait(everyMs, null, { signal }).catch(() => {});
    }
  }

  async #look(sent: number): Promise<void> {
    const [workers, overview] = await Promise.all([
      this.#read("/ops/v1/workers", workersReply),
      this.#read("/ops/v1/overview", overviewReply),
    ]);
    if (workers === null || overview === null) {
      this.missed += 1;
      return;
    }
    this.restarts = workers.restarts_total;
    const workersBytes = workers.data.reduce((sum, { memory_bytes }) => sum + (memory_bytes ?? 0), 0);
    if (Number.isNaN(sent) || workersBytes === 0 || overview.memory_bytes === null) return;
    this.samples.push({
      sent,
      workersBytes,
      supervisorBytes: Math.max(0, overview.memory_bytes - workersBytes),
    });
  }

  async #read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | null> {
    try {
      const response = await fetch(this.#origin + path, { signal: AbortSignal.timeout(askMaxMs) });
      const result = schema.safeParse(await response.json());
      return result.success ? result.data : null;
    } catch {
      return null;
    }
  }
}
