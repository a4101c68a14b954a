import { Desk } from "../desk/desk.ts";
import { KeyAuthenticator } from "../features/access/authenticate-key.ts";
import { setPaused } from "../features/events/set-paused.ts";
import { makeReservationId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import type { OperationsPorts } from "../operations/operations-ports.ts";
import { openDatabase } from "../store/open-database.ts";

/** What an SRE can do through the operations listener, with connections of its own: it works without any worker. */
export type Controls = Pick<OperationsPorts, "authorize" | "setPaused"> & { close(): Promise<void> };

/** Opens the controls. Connections are made when they are first needed. */
export function openControls(connectionString: string, log: Log): Controls {
  const onTrouble = (message: string, error: unknown) => log.warn({ err: error }, message);
  const database = openDatabase({
    connectionString,
    connectionsMax: 1,
    onLost: (error) => onTrouble("A database connection was lost.", error),
  });
  const desk = new Desk({ connectionString, makeId: makeReservationId, onReport: () => {}, onTrouble });
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
    close: async () => {
      await desk.stop();
      await database.destroy();
    },
  };
}
