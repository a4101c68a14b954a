import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { operations } from "../../api/contract/operations.ts";
import { createApp, createBareApp, refuseTheRest } from "../../api/http/create-app.ts";
import { listen } from "../../api/http/listen.ts";
import type { Services } from "../../api/http/services.ts";
import { assembleServices } from "../../api/worker.ts";
import type { ArmServerKind } from "./arm-messages.ts";
import { type AnswerHold, serveHold } from "./hold-request.ts";
import { type NaivePool, openNaivePool } from "./naive-pool.ts";
import { answerNoopHolds } from "./noop-hold.ts";

export interface ArmServer {
  readonly port: number;
  /** Null for the arms that have no pool of their own. */
  readonly naivePool: NaivePool | null;
  stop(): Promise<void>;
}

/**
 * Serves one arm on a free port of the loopback: the same services and the same application around each of
 * them.
 */
export async function startArm(server: ArmServerKind, connectionString: string): Promise<ArmServer> {
  // Receipts go to a file of this process alone.
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  const log = pino({ level: "warn", base: null }, pino.destination(2));
  const {
    services,
    beginJobs,
    stop: stopServices,
  } = await assembleServices({
    connectionString,
    // Checkouts are paid with play money.
    demo: true,
    dataDir,
    log,
  });
  beginJobs();
  const naivePool = server === "naive" ? openNaivePool(connectionString) : null;
  const app =
    server === "desk" ? createApp(services) : createHoldApp(naivePool?.answer ?? answerNoopHolds(), services);
  const listener = await listen(services.door.guard(app), { host: "127.0.0.1", port: 0, setting: "PORT" });
  return {
    port: (listener.address() as AddressInfo).port,
    naivePool,
    stop: async () => {
      listener.close();
      listener.closeAllConnections();
      await naivePool?.stop();
      await stopServices();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The service's application with one route, and other work behind it. */
function createHoldApp(answer: AnswerHold, services: Services) {
  const app = createBareApp();
  app.post(operations.hold_tickets.path.replace("{event_id}", ":event_id"), serveHold(answer, services));
  refuseTheRest(app, services);
  return app;
}
