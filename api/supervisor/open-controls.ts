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

/** What an SRE can do through the operations listener, with connections of its own: it works without any worker. */
export type Controls = Pick<OperationsPorts, "authorize" | "setPaused" | "closeRestock" | "reopenRestock"> & {
  close(): Promise<void>;
};

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
      return restockChangedBy(await cancelRestockOrder({ desk }, { ...change, reason }));
    },
    reopenRestock: async (change) => restockChangedBy(await retryRestockOrder({ desk }, change)),
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
    case "restock_order_not_found":
      return "not_found";
    case "restock_order_closed":
    case "restock_in_progress":
    case "capacity_too_high":
      return "is_pointless";
    default:
      return "unavailable";
  }
}
