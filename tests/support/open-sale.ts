import { choosePort } from "../../api/kernel/choose-port.ts";
import { PersistentBuyers } from "./buy-persistently.ts";
import { createClient } from "./http-client.ts";
import type { TestDatabase } from "./open-test-database.ts";
import { makeDataDir, removeDataDir } from "./postgres-server.ts";
import { type ReadyService, ServiceProcess } from "./start-service-process.ts";
import { OperationsWatcher } from "./watch-operations.ts";

/** A service with all of its processes, and buyers who never give up. */
export interface Sale extends ReadyService {
  /** The same at every start. */
  readonly settings: Readonly<Record<string, string>>;
  readonly watch: OperationsWatcher;
  readonly buyers: PersistentBuyers;
  readonly eventId: string;
  /** The process that is running now. */
  service(): ServiceProcess;
  /** Starts the service again, after it was killed. */
  restart(): Promise<void>;
  /** The event's counters. */
  stock(): Promise<{ readonly available: number; readonly held: number; readonly sold: number }>;
  close(): Promise<void>;
}

const capacity = 100_000;

/** Starts the service on a database, with one event. */
export async function openSale(
  database: Pick<TestDatabase, "connectionString">,
  settings: Readonly<Record<string, string>> = {},
): Promise<Sale> {
  const dataDir = await makeDataDir();
  // What a supervisor keeps for its successor goes by its port.
  const ports = { PORT: String(await choosePort()), OPS_PORT: String(await choosePort()) };
  const all = { DATA_DIR: dataDir, DATABASE_URL: database.connectionString, ...ports, ...settings };
  let service = new ServiceProcess(all);
  const close = async () => {
    await service.end("SIGKILL");
    await removeDataDir(dataDir);
  };
  const { ready, send, eventId } = await createSale(service).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const buyers = new PersistentBuyers(() => ({ url: ready.url, eventId, serviceKey: ready.adminKey }));
  return {
    ...ready,
    settings: all,
    watch: new OperationsWatcher(ready.opsUrl),
    buyers,
    eventId,
    service: () => service,
    restart: async () => {
      service = new ServiceProcess(all);
      await service.ready();
    },
    stock: async () => {
      const { body } = await send("get", `/v1/events/${eventId}`);
      return { available: Number(body["available"]), held: Number(body["held"]), sold: Number(body["sold"]) };
    },
    close: async () => {
      buyers.stop();
      await close();
    },
  };
}

async function createSale(service: ServiceProcess) {
  const ready = await service.ready();
  const send = createClient(ready.url);
  const made = await send("post", "/v1/events", { as: ready.adminKey, body: { name: "Sale", capacity } });
  return { ready, send, eventId: String(made.body["id"]) };
}
