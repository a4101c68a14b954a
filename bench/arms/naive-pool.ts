import pg from "pg";
import { holdInOwnTransaction } from "./naive-hold.ts";
import type { AnswerHold } from "./hold-request.ts";

/** The naive endpoint with a pool whose size can be changed between measurements. */
export interface NaivePool {
  readonly answer: AnswerHold;
  /** Must not be called while requests are being served. */
  resize(connections: number): Promise<void>;
  stop(): Promise<void>;
}

export function openNaivePool(connectionString: string): NaivePool {
  let pool = open(1);
  return {
    answer: (request) => holdInOwnTransaction(pool, request),
    async resize(connections) {
      const former = pool;
      pool = open(connections);
      await former.end();
    },
    stop: () => pool.end(),
  };

  function open(max: number): pg.Pool {
    const opened = new pg.Pool({ connectionString, max, application_name: "holdfast bench naive" });
    // A lost connection fails the requests that use it; the pool replaces it.
    opened.on("error", () => {});
    return opened;
  }
}
