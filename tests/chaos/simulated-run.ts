import type { FaultKind, HistoryEntry, NewEntry } from "../../chaos/history/history-entry.ts";
import type { Books } from "../../chaos/model/books.ts";
import { SimulatedService, type SimulatedRequest } from "./simulated-service.ts";
import type { SimulatedReply } from "./simulated-stock.ts";

/** What becomes of an attempt. `unheard`: it is served, and the answer is lost. `unserved`: it never arrives. */
export type Fate = "answered" | "unheard" | "unserved";

/** How a call goes: its attempts, and how long each takes to arrive and to be answered. */
export interface CallCourse {
  readonly fates?: readonly Fate[];
  readonly arrivesAfterMs?: number;
  readonly answeredAfterMs?: number;
  /** Asks the same once more, so long after it was settled. */
  readonly repeatedAfterMs?: number | null;
}

/** When a run begins, by the database's clock. */
const beginningMs = Date.UTC(2030, 0, 1);

const sampleEveryMs = 250;
const sweepEveryMs = 100;

interface Action {
  readonly atMs: number;
  readonly place: number;
  readonly act: () => void;
}

/** A run in simulated time: clients, a correct service, samples and faults, with nothing real behind it. */
export class SimulatedRun {
  readonly service = new SimulatedService();
  readonly #entries: HistoryEntry[] = [];
  readonly #actions: Action[] = [];
  #placed = 0;
  #calls = 0;
  #faults = 0;
  #nowMs = 0;
  /** By how much its clock was set. */
  #setMs = 0;

  /** Since the run began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get databaseMs(): number {
    return beginningMs + Math.floor(this.#nowMs) + this.#setMs;
  }

  /** Sets the database's clock to another time. @param byMs below zero to set it back */
  setClock(byMs: number): void {
    this.#setMs += byMs;
  }

  at(atMs: number, act: () => void): void {
    this.#placed += 1;
    this.#actions.push({ atMs, place: this.#placed, act });
  }

  /** Makes a call now. @param onReply is told the first definite answer */
  call(
    request: Omit<SimulatedRequest, "key"> & { readonly isKeyed?: boolean },
    course: CallCourse = {},
    onReply: (reply: SimulatedReply) => void = () => {},
  ): void {
    this.#calls += 1;
    const { isKeyed = true, ...asked } = request;
    const keyed = { ...asked, key: isKeyed ? `key-${this.#calls}` : null };
    this.#attempt({ call: this.#calls, request: keyed, course, onReply }, 1, course.fates ?? ["answered"]);
  }

  fault(kind: FaultKind, { lastsMs = 0, recoversAfterMs = 100, inFlight = 3 } = {}): void {
    this.#faults += 1;
    const fault = this.#faults;
    const record = (phase: "begun" | "ended" | "recovered") =>
      this.#record({
        type: "fault",
        t_mono: this.#nowMs,
        fault,
        kind,
        phase,
        detail: "",
        in_flight: inFlight,
      });
    record("begun");
    this.at(this.#nowMs + lastsMs, () => record("ended"));
    this.at(this.#nowMs + lastsMs + recoversAfterMs, () => record("recovered"));
  }

  skip(kind: FaultKind, detail: string): void {
    this.#faults += 1;
    const place = { t_mono: this.#nowMs, fault: this.#faults };
    this.#record({ type: "fault", ...place, kind, phase: "skipped", detail, in_flight: 0 });
  }

  /** Lets everything happen that is to happen, and time pass until then at least. */
  finish(untilMs: number): { readonly entries: HistoryEntry[]; readonly books: Books } {
    for (let atMs = 0; atMs <= untilMs; atMs += sampleEveryMs) this.at(atMs, () => this.#sample());
    for (let atMs = 0; atMs <= untilMs; atMs += sweepEveryMs)
      this.at(atMs, () => this.service.stock.sweep(this.databaseMs));
    while (this.#actions.length > 0) {
      this.#actions.sort((one, other) => other.atMs - one.atMs || other.place - one.place);
      const next = this.#actions.pop();
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    this.service.stock.sweep(this.databaseMs);
    return { entries: this.#entries, books: this.service.books(this.databaseMs) };
  }

  #attempt(made: MadeCall, attempt: number, [fate = "answered", ...later]: readonly Fate[]): void {
    const { call, request, course, onReply } = made;
    const { arrivesAfterMs = 5, answeredAfterMs = 5, repeatedAfterMs = null } = course;
    const { body, ...about } = request;
    const common = { call, attempt, ...about, reservation_id: null };
    const record = (type: "invoke" | "ok" | "fail" | "unknown", status: number | null, text: string | null) =>
      this.#record({ type, t_mono: this.#nowMs, ...common, status, body: text });
    record("invoke", null, body === null ? null : JSON.stringify(body));
    const servedAtMs = this.#nowMs + arrivesAfterMs;
    this.at(servedAtMs, () => {
      const reply = fate === "unserved" ? null : this.service.serve(request, this.databaseMs);
      this.at(servedAtMs + answeredAfterMs, () => {
        if (reply === null || fate !== "answered") {
          record("unknown", null, null);
          this.at(this.#nowMs + 50, () => this.#attempt(made, attempt + 1, later));
          return;
        }
        record(reply.status < 300 ? "ok" : "fail", reply.status, JSON.stringify(reply.document));
        if (attempt <= (course.fates?.length ?? 1)) onReply(reply);
        // What is not on record is asked anew.
        if (repeatedAfterMs === null || request.key === null || reply.status === 404) return;
        const again = { ...made, course: { ...course, repeatedAfterMs: null }, onReply: () => {} };
        this.at(this.#nowMs + repeatedAfterMs, () => this.#attempt(again, attempt + 1, []));
      });
    });
  }

  #sample(): void {
    const stock = [...this.service.stock.events.values()].map(({ id, capacity, available, held, sold }) => ({
      event: id,
      capacity,
      available,
      held,
      sold,
    }));
    const place = { t_mono: this.#nowMs - 1, t_mono_end: this.#nowMs + 1, database_ms: this.databaseMs };
    this.#record({ type: "sample", ...place, stock });
  }

  #record(entry: NewEntry): void {
    this.#entries.push({ run: "simulated", seed: 1, seq: this.#entries.length + 1, ...entry });
  }
}

interface MadeCall {
  readonly call: number;
  readonly request: SimulatedRequest;
  readonly course: CallCourse;
  readonly onReply: (reply: SimulatedReply) => void;
}
