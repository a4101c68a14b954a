import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "pg";
import type { HistoryEntry } from "../history/history-entry.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import { createClient, endClient } from "../system/keep-judge.ts";

const everyMs = 250;
const queryMaxMs = 2_000;
/** What has not changed for so many samples is looked at with all others only. */
const quietAfter = 40;
const allEvery = 40;

/** Looks at the stock of all events as the database has it, over a connection that no fault touches. */
export interface Sampler {
  /** Samples that were taken. */
  readonly taken: number;
  stop(): Promise<void>;
}

interface Known {
  readonly version: string;
  readonly sinceSample: number;
}

interface StockRow {
  readonly database_ms: string;
  readonly id: string | null;
  readonly number: number;
  readonly version: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

/** One row at least, for the time. Stored by number, so that new events are found by the index. */
const stockQuery = `select (extract(epoch from clock_timestamp()) * 1000)::text as database_ms, e.*
  from (select 1) one left join (
    select id, number, version::text, capacity, available, held, sold from events
    where $1 or number > $2 or number = any($3)
  ) e on true`;

/**
 * Begins to take samples. While the database is away there are none.
 *
 * @param onSample sees each as it is recorded
 */
export function startSampler(
  url: string,
  recorder: HistoryRecorder,
  onSample: (sample: HistoryEntry) => void = () => {},
): Sampler {
  const stopping = new AbortController();
  const sampler = new DatabaseSampler(url, recorder, onSample);
  const run = async () => {
    while (!stopping.signal.aborted) {
      await sampler.sample();
      await wait(everyMs, null, { signal: stopping.signal }).catch(() => {});
    }
    // The end is looked at as well, and all of it.
    await sampler.sampleAll();
    await sampler.close();
  };
  const ended = run();
  return {
    get taken() {
      return sampler.taken;
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

class DatabaseSampler {
  readonly #url: string;
  readonly #recorder: HistoryRecorder;
  readonly #onSample: (sample: HistoryEntry) => void;
  readonly #known = new Map<number, Known>();
  #client: Client | null = null;
  #numberMax = 0;
  #looks = 0;
  taken = 0;

  constructor(url: string, recorder: HistoryRecorder, onSample: (sample: HistoryEntry) => void) {
    this.#url = url;
    this.#recorder = recorder;
    this.#onSample = onSample;
  }

  async sample(): Promise<void> {
    this.#looks += 1;
    await this.#look(this.#looks % allEvery === 0);
  }

  sampleAll(): Promise<void> {
    return this.#look(true);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await endClient(client);
  }

  async #look(isAll: boolean): Promise<void> {
    try {
      this.#client ??= await this.#connect();
      const awake = [...this.#known].filter(([, known]) => this.taken - known.sinceSample < quietAfter);
      const beganAtMs = this.#recorder.nowMs();
      const { rows } = await this.#client.query<StockRow>(stockQuery, [
        isAll,
        this.#numberMax,
        awake.map(([number]) => number),
      ]);
      this.#take(rows, beganAtMs);
    } catch {
      // It is away. The next sample tries again.
      await this.close();
    }
  }

  async #connect(): Promise<Client> {
    const client = createClient(this.#url, queryMaxMs);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await endClient(client);
      throw error;
    }
  }

  #take(rows: readonly StockRow[], beganAtMs: number): void {
    this.taken += 1;
    const changed = rows.filter(
      (row) => row.id !== null && this.#known.get(row.number)?.version !== row.version,
    );
    for (const { number, version } of changed) {
      this.#known.set(number, { version, sinceSample: this.taken });
      this.#numberMax = Math.max(this.#numberMax, number);
    }
    const sample = {
      type: "sample",
      t_mono: beganAtMs,
      t_mono_end: this.#recorder.nowMs(),
      database_ms: Number(rows[0]?.database_ms),
      stock: changed.flatMap(({ id, capacity, available, held, sold }) =>
        id === null ? [] : [{ event: id, capacity, available, held, sold }],
      ),
    } as const;
    this.#onSample(this.#recorder.record(sample));
  }
}
