import type { Emit } from "./cluster-types.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** How long a leader that retires may take to let go before another one begins. */
const handoverMaxMs = 1_000;

/** Sees to it that exactly one ready worker leads. */
export class Leadership {
  #leader: WorkerProcess | null = null;
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  isLedBy(worker: WorkerProcess): boolean {
    return this.#leader === worker;
  }

  /** Tells the worker that has been ready longest to lead, if nobody does. */
  appoint(ready: readonly WorkerProcess[]): void {
    if (this.#leader !== null) return;
    const [oldest] = [...ready].sort((one, other) => (one.readyAtMs ?? 0) - (other.readyAtMs ?? 0));
    if (oldest === undefined) return;
    this.#leader = oldest;
    oldest.send({ kind: "lead" });
    this.#emit("leader_changed", { id: oldest.id });
  }

  /** The worker leads no more, because it is gone or says so. Another one may begin. */
  release(worker: WorkerProcess, ready: readonly WorkerProcess[]): void {
    if (this.#leader !== worker) return;
    this.#leader = null;
    this.appoint(ready);
    if (this.#leader === null) this.#emit("leader_changed", { id: null });
  }

  /** Does not wait for ever for a leader that was told to go. */
  hurry(ready: readonly WorkerProcess[]): void {
    const leader = this.#leader;
    if (leader?.state === "draining" && leader.inStateMs > handoverMaxMs) this.release(leader, ready);
  }
}
