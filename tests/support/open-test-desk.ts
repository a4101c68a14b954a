import { randomUUID } from "node:crypto";
import { Desk } from "../../api/desk/desk.ts";
import type { DeskLimits } from "../../api/desk/desk-limits.ts";
import type { BatchReport } from "../../api/desk/batch-report.ts";
import type { DeskOutcome, RecordedClaim } from "../../api/desk/waiting-command.ts";
import type { HoldCommand } from "../../api/domain/commands.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { makeId, makeReservationId } from "../../api/kernel/ids.ts";
import type { TestDatabase } from "./open-test-database.ts";

export interface TestDesk {
  readonly desk: Desk;
  /** What each transaction reported. */
  readonly reports: BatchReport[];
  readonly troubles: string[];
  /** Gives an idle desk something to do, so that the commands sent next wait and share a transaction. */
  occupy(): void;
  askForHold(eventId: string, userId: string, quantity?: number): Promise<DeskOutcome>;
  /** Holds tickets, and fails unless it gets them. */
  hold(eventId: string, userId: string, quantity?: number): Promise<Reservation>;
}

/** Opens a desk alone, without the service around it: no gate, no sweeper. */
export function openTestDesk(connectionString: string, limits: Partial<DeskLimits> = {}): TestDesk {
  const reports: BatchReport[] = [];
  const troubles: string[] = [];
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
    onReport: (report) => reports.push(report),
    onTrouble: (message) => troubles.push(message),
    limits,
  });
  const askForHold = (eventId: string, userId: string, quantity = 1) =>
    desk.submit(holdOf(eventId, userId, quantity));
  return {
    desk,
    reports,
    troubles,
    occupy: () => void askForHold(randomUUID(), "nobody"),
    askForHold,
    hold: async (eventId, userId, quantity) => {
      const outcome = await askForHold(eventId, userId, quantity);
      if (outcome.kind !== "held") throw new Error(`Wanted a hold, got ${outcome.kind}.`);
      return outcome.reservation;
    },
  };
}

export function holdOf(eventId: string, userId: string, quantity = 1): HoldCommand {
  return { kind: "hold", eventId, userId, quantity };
}

/** A claim on a key whose reply is the outcome's name. */
export function claimOf(keyDigest: string, requestDigest: string = keyDigest): RecordedClaim {
  return { keyDigest, requestDigest, render: (outcome) => ({ status: 200, body: outcome.kind }) };
}

/** Adds an event past the service. @returns its id */
export async function insertEvent(
  { query }: Pick<TestDatabase, "query">,
  terms: { readonly capacity: number; readonly holdSeconds?: number; readonly maxExtensions?: number },
): Promise<string> {
  const id = makeId();
  await query(
    `insert into events (id, name, capacity, available, max_quantity, hold_seconds, max_extensions, created_at)
     values ($1, 'Concert', $2, $2, 20, $3, $4, now())`,
    [id, terms.capacity, terms.holdSeconds ?? 600, terms.maxExtensions ?? 1],
  );
  return id;
}

export async function readStock({ query }: Pick<TestDatabase, "query">, eventId: string) {
  const rows = await query("select available, held, sold from events where id = $1", [eventId]);
  return rows[0];
}
