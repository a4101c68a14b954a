import { resolve } from "node:path";
import type { BenchDatabases } from "../database/bench-databases.ts";
import { type Child, startChild } from "../start-child.ts";
import type { Arm } from "./arm-catalog.ts";
import type { ArmReply, ArmRequest } from "./arm-messages.ts";

const serveArmFile = resolve(import.meta.dirname, "serve-arm.ts");
const startMaxMs = 30_000;

interface RunningServer {
  readonly port: number;
  readonly child: Child<ArmRequest, ArmReply>;
}

/**
 * The servers that have been needed so far. Each keeps running, so that its code stays compiled; between its
 * measurements it only looks for overdue holds a few times a second, and finds none.
 */
export class ArmServers {
  readonly #databases: BenchDatabases;
  readonly #running = new Map<string, RunningServer>();

  constructor(databases: BenchDatabases) {
    this.#databases = databases;
  }

  /** Gets the server of an arm ready for its next measurement. */
  async prepare(arm: Arm): Promise<{ port: number }> {
    const name = `${arm.server} on ${arm.database}`;
    const running = this.#running.get(name) ?? (await this.#start(name, arm));
    if (arm.poolConnections !== undefined) {
      const request: ArmRequest = { kind: "resize_pool", connections: arm.poolConnections };
      await running.child.ask(request, "resized", startMaxMs);
    }
    return { port: running.port };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ child }) => child.stop({ kind: "stop" })));
  }

  async #start(name: string, arm: Arm): Promise<RunningServer> {
    const { connectionString } = await this.#databases.get(arm.database);
    const child = startChild<ArmRequest, ArmReply>(serveArmFile, name);
    try {
      const request: ArmRequest = { kind: "start", server: arm.server, connectionString };
      const { port } = await child.ask(request, "ready", startMaxMs);
      const running = { port, child };
      this.#running.set(name, running);
      return running;
    } catch (error) {
      await child.stop();
      throw error;
    }
  }
}
