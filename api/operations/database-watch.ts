import type { Log } from "../kernel/log.ts";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import { selectMissingMigrations } from "../store/applied-migrations.ts";
import type { Database } from "../store/open-database.ts";
import {
  type OverdueHolds,
  selectOverdue,
  selectServerLoad,
  type ServerLoad,
} from "../store/sample-database.ts";
import {
  type EventStock,
  selectBusiestEvents,
  selectStockSums,
  type StockSums,
} from "../store/sample-stock.ts";
import { selectNow } from "../store/select-now.ts";
import { stockEventsMax } from "./metric-gauges.ts";

/** What is known of the database. While it is not up, nothing else is. */
export interface DatabaseState {
  /** Null before it was first asked. */
  readonly isUp: boolean | null;
  /** Of a trivial statement. */
  readonly latencyMs: number | null;
  readonly load: ServerLoad | null;
  readonly overdue: OverdueHolds | null;
  readonly stock: StockSums | null;
  /** The events with the most tickets held or sold. */
  readonly busiest: readonly EventStock[] | null;
  /** Migrations that the database has not had. */
  readonly missingMigrations: readonly string[] | null;
}

const nothingKnown = {
  latencyMs: null,
  load: null,
  overdue: null,
  stock: null,
  busiest: null,
  missingMigrations: null,
};

const intervalMs = 1_000;
/** One failure may be a lost connection that the next look replaces; two are an outage. */
const failuresMax = 1;
/** A look that takes longer than this is an outage, too: the driver would wait for a stopped server for longer. */
const silenceMaxMs = 3_500;
/** A statement over whole tables may take one part in so many of the database's time. */
const restFactor = 20;
const migrationsEveryMs = 30_000;

/**
 * Looks at the database every second, in a loop of its own: when the database is away, only this loop waits.
 */
export class DatabaseWatch {
  readonly #database: Database;
  readonly #options: {
    readonly log: Log;
    readonly migrationsFolder: string;
    readonly onChange: (isUp: boolean, reason: string) => void;
  };
  #state: DatabaseState = { isUp: null, ...nothingKnown };
  #failures = 0;
  #lookedAtMs = 0;
  #isLooking = false;
  #stockDueAtMs = 0;
  #migrationsDueAtMs = 0;
  #lastTold: boolean | null = null;
  #isStopping = false;
  readonly #troubles = new Set<string>();
  #loop: Loop | null = null;

  /** @param options.onChange is told when the database goes away, and when it is back */
  constructor(
    database: Database,
    options: {
      readonly log: Log;
      readonly migrationsFolder: string;
      readonly onChange: (isUp: boolean, reason: string) => void;
    },
  ) {
    this.#database = database;
    this.#options = options;
  }

  start(): void {
    this.#loop = startLoop(
      async () => {
        // Every failure counts here, so none may be taken for a failure of the loop.
        await this.#look().catch((error: unknown) => this.#fail(error));
        return intervalMs;
      },
      (error) => this.#options.log.error({ err: error }, "The database could not be watched."),
    );
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loop?.stop();
  }

  /** What is known now. A look that never ends counts as a failure. */
  state(): DatabaseState {
    if (this.#isLooking && performance.now() - this.#lookedAtMs > silenceMaxMs)
      this.#setDown("it does not answer");
    return this.#state;
  }

  async #look(): Promise<void> {
    this.#lookedAtMs = performance.now();
    this.#isLooking = true;
    try {
      await selectNow(this.#database);
    } finally {
      this.#isLooking = false;
    }
    const latencyMs = performance.now() - this.#lookedAtMs;
    this.#failures = 0;
    this.#state = { ...this.#state, isUp: true, latencyMs };
    this.#tell(true, "it answers");
    const load = await this.#try("The database's load", () => selectServerLoad(this.#database));
    const overdue = await this.#try("The number of overdue holds", () => selectOverdue(this.#database));
    this.#state = { ...this.#state, load, overdue };
    await this.#addUpStock();
    await this.#compareMigrations();
  }

  /** Asks for what may take too long, or be locked, without the database being away. @returns null when it does */
  async #try<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer | null> {
    try {
      const answer = await ask();
      this.#troubles.delete(what);
      return answer;
    } catch (error) {
      // Told once, and again only after it has gone well.
      if (!this.#troubles.has(what))
        this.#options.log.warn({ err: error }, `${what} cannot be read; trying again.`);
      this.#troubles.add(what);
      return null;
    }
  }

  async #addUpStock(): Promise<void> {
    const startedAtMs = performance.now();
    if (startedAtMs < this.#stockDueAtMs) return;
    const [stock, busiest] = [
      await this.#try("The stock of all events", () => selectStockSums(this.#database)),
      await this.#try("The busiest events", () => selectBusiestEvents(this.#database, stockEventsMax)),
    ];
    const endedAtMs = performance.now();
    this.#stockDueAtMs = endedAtMs + restFactor * (endedAtMs - startedAtMs);
    this.#state = { ...this.#state, stock, busiest };
  }

  async #compareMigrations(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs < this.#migrationsDueAtMs) return;
    const missingMigrations = await this.#try("The list of migrations", () =>
      selectMissingMigrations(this.#database, this.#options.migrationsFolder),
    );
    this.#migrationsDueAtMs = nowMs + (missingMigrations?.length === 0 ? migrationsEveryMs : intervalMs);
    this.#state = { ...this.#state, missingMigrations };
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures > failuresMax) this.#setDown(error instanceof Error ? error.message : String(error));
  }

  #setDown(reason: string): void {
    this.#state = { isUp: false, ...nothingKnown };
    this.#stockDueAtMs = 0;
    this.#migrationsDueAtMs = 0;
    this.#tell(false, reason);
  }

  #tell(isUp: boolean, reason: string): void {
    if (this.#lastTold === isUp || this.#isStopping) return;
    const isFirst = this.#lastTold === null;
    this.#lastTold = isUp;
    // That it is there at the start is no news.
    if (!(isFirst && isUp)) this.#options.onChange(isUp, reason);
  }
}
