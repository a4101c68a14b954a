import { Desk } from "../desk/desk.ts";
import type { DeskOutcome } from "../desk/waiting-command.ts";
import { KeyAuthenticator } from "../features/access/authenticate-key.ts";
import { setPaused } from "../features/events/set-paused.ts";
import { cancelRestockOrder } from "../features/restock/cancel-restock-order.ts";
import { retryRestockOrder } from "../features/restock/retry-restock-order.ts";
import { presentNotice } from "../http/present-notices.ts";
import { makeReservationId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import type { OperationsPorts, RestockChanged } from "../operations/operations-ports.ts";
import { JobStatements, type JobStatementTexts } from "../store/job-queue.ts";
import { openDatabase } from "../store/open-database.ts";
import { cancelQueuedJob, retryQueuedJob } from "../store/steer-jobs.ts";

/** What an SRE can do through the operations listener, with connections of its own: it works without any worker. */
export type Controls = Pick<OperationsPorts, "authorize" | "setPaused" | "closeRestock" | "reopenRestock"> & {
  close(): Promise<void>;
};

const restockQueue = "place-restock-order";

/** Opens the controls. Connections are made when they are first needed. */
export function openControls(
  connectionString: string,
  jobStatementTexts: JobStatementTexts,
  log: Log,
): Controls {
  const onTrouble = (message: string, error: unknown) => log.warn({ err: error }, message);
  const database = openDatabase({
    connectionString,
    connectionsMax: 1,
    onLost: (error) => onTrouble("A database connection was lost.", error),
  });
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
    jobStatements: JobStatements.fromTexts(jobStatementTexts),
    renderNotice: presentNotice,
    onReport: () => {},
    onTrouble,
  });
  const keys = new KeyAuthenticator(database);
  return {
    authorize: async (authorization) => {
      const key = /^Bearer (hf_[\x21-\x7e]{1,4096})$/i.exec(authorization ?? "")?.[1];
      const identity = key === undefined ? null : await keys.identify(key);
      return identity === null || identity.role === "service" ? null : identity.role;
    },
    setPaused: async (change) => {
      const outcome = await setPaused({ desk }, change, null);
      switch (outcome.kind) {
        case "event_changed":
          return "done";
        case "event_not_found":
          return "event_not_found";
        default:
          return "unavailable";
      }
    },
    closeRestock: async (change) => {
      const reason = "Cancelled by an operator.";
      const changed = restockChangedBy(await cancelRestockOrder({ desk }, { ...change, reason }));
      // The job of an order that was given up before is still there to be seen.
      if (changed === "done") await cancelQueuedJob(database, restockQueue, change.restockOrderId);
      return changed;
    },
    reopenRestock: async (change) => {
      const changed = restockChangedBy(await retryRestockOrder({ desk }, change));
      // The job of an order that was open all along may wait for its time.
      if (changed === "done") await retryQueuedJob(database, restockQueue, change.restockOrderId);
      return changed;
    },
    close: async () => {
      await desk.stop();
      await database.destroy();
    },
  };
}

function restockChangedBy(outcome: DeskOutcome): RestockChanged {
  switch (outcome.kind) {
    case "restock_changed":
      return "done";
    case "overloaded":
    case "database_unavailable":
      return "unavailable";
    default:
      return "not_found";
  }
}
