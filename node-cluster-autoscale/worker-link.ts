import type { Server } from "node:http";

/** Begins what only one worker shall do, and returns how to stop it. */
export type BeginLeading = () => () => Promise<void> | void;

/** A worker's side of the cluster. */
export interface WorkerLink {
  /** The worker's id in its cluster; 0 outside of one. */
  readonly id: number;
  /** Counts the server's requests and connections and drains it in time. Must come before the server listens. */
  observe(server: Server): void;
  /** Says that this worker serves now. */
  ready(): void;
  /** Says in one sentence why this worker cannot start, and ends the process with code 1. */
  fail(message: string): void;
  /** What `make` returns travels with every report; JSON must be able to carry it. */
  collect(make: () => unknown): void;
  /** Called when this worker is the one that leads; exactly one ready worker does. What is begun is stopped when it retires. */
  onLead(begin: BeginLeading): void;
  /** Called at once when this worker is told to go: the moment to end what would never end by itself, as streams. */
  onDrain(begin: () => void): void;
  /** Called after the servers have drained; the process ends when all of these have. */
  onRetire(finish: () => Promise<void>): void;
  onMessage(handle: (message: unknown) => void): void;
  /** Sends a message that JSON can carry to the primary. It is dropped when the primary is gone or takes nothing. */
  send(message: unknown): void;
  /** Hears what went wrong in a function that was given to this link. */
  onTrouble(handle: (message: string, error: unknown) => void): void;
}
