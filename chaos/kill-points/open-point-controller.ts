import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { ChaosError } from "../chaos-error.ts";
import type { PointController, PointName, StrikeOrder, StrikeOutcome } from "./point-controller.ts";
import {
  type ArmedStrike,
  claimNameOf,
  type ControllerMessage,
  folderVariable,
  LineCutter,
  processMessage,
  type ProcessMessage,
  type ProcessState,
  socketName,
  stateName,
  struck,
  type Struck,
} from "./point-messages.ts";

/** A process that is busy, stopped or dying is not waited for longer; what it told before counts. */
const countMaxMs = 500;
/** How soon a strike is learned of whose process could not tell. */
const lookEveryMs = 50;
/** From the moment at which a process claims a strike until it has told of it; it does nothing in between. */
const claimedMaxMs = 1_000;

const preloadFile = resolve(import.meta.dirname, "preload.ts");

export interface OpenPointController {
  readonly controller: PointController;
  /** What the service's process is to be started with, besides its own settings. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Opens the place where processes of the test build report. */
export async function openPointController(): Promise<OpenPointController> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-points-"));
  const controller = new Controller(folder);
  await controller.listen();
  const options = [process.env["NODE_OPTIONS"], `--import ${pathToFileURL(preloadFile).href}`];
  return {
    controller,
    environment: {
      NODE_OPTIONS: options.filter((option) => option !== undefined && option !== "").join(" "),
      [folderVariable]: folder,
    },
    close: async () => {
      await controller.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Waiting {
  readonly strike: ArmedStrike;
  readonly resolve: (struck: Struck) => void;
}

class Controller implements PointController {
  readonly #folder: string;
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  readonly #seen = new Map<PointName, number>();
  /** For each question the processes that have not answered it. */
  readonly #asks = new Map<number, Set<Socket>>();
  #state: ProcessState = { clock_offset_ms: 0, crash_at_start: false };
  #waiting: Waiting | null = null;
  #lastId = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#writeState({});
  }

  async listen(): Promise<void> {
    this.#server.listen(join(this.#folder, socketName));
    await once(this.#server, "listening");
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async seen(): Promise<ReadonlyMap<PointName, number>> {
    this.#lastId += 1;
    const ask = this.#lastId;
    const silent = new Set(this.#sockets);
    this.#asks.set(ask, silent);
    for (const socket of silent) send(socket, { kind: "count", ask });
    const limitAtMs = performance.now() + countMaxMs;
    while (silent.size > 0 && performance.now() < limitAtMs) await wait(2);
    this.#asks.delete(ask);
    return new Map(this.#seen);
  }

  async strike(orders: readonly StrikeOrder[], limitMs: number, signal: AbortSignal): Promise<StrikeOutcome> {
    if (this.#waiting !== null) throw new ChaosError("Another strike waits for its point.");
    signal.throwIfAborted();
    this.#lastId += 1;
    const strike: ArmedStrike = { id: this.#lastId, orders: [...orders] };
    const told = Promise.withResolvers<Struck>();
    this.#waiting = { strike, resolve: told.resolve };
    this.#broadcast({ kind: "arm", strike });
    try {
      const done = await this.#awaitStruck(strike.id, told.promise, limitMs, signal);
      const order = orders.find(({ point }) => point === done?.point);
      if (done === null || order === undefined) return { kind: "nobody_came" };
      const { point, victim } = order;
      if (done.trouble !== null) return { kind: "spared", point, why: done.trouble };
      return { kind: "struck", strike: { point, victim, pid: done.pid, workerPid: done.worker_pid } };
    } finally {
      this.#waiting = null;
      // Who comes to the point before it hears of this finds the claim taken.
      this.#forbidClaim(strike.id);
      this.#broadcast({ kind: "disarm" });
    }
  }

  setClockOffset(offsetMs: number): void {
    this.#writeState({ clock_offset_ms: offsetMs });
    this.#broadcast({ kind: "clock", offset_ms: offsetMs });
  }

  setCrashAtStart(isOn: boolean): void {
    this.#writeState({ crash_at_start: isOn });
  }

  async #awaitStruck(
    id: number,
    told: Promise<Struck>,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Struck | null> {
    const limitAtMs = performance.now() + limitMs;
    for (;;) {
      const turn = new AbortController();
      const pause = wait(lookEveryMs, null, { signal: turn.signal }).catch(() => null);
      const heard = await Promise.race([told, pause]);
      turn.abort();
      const found = heard ?? this.#readClaim(id);
      if (found !== null) return found;
      signal.throwIfAborted();
      // Whoever has claimed it is about to tell.
      if (performance.now() > limitAtMs && this.#forbidClaim(id)) return null;
      if (performance.now() > limitAtMs + claimedMaxMs) return null;
    }
  }

  /** @returns null while nobody has claimed the strike */
  #readClaim(id: number): Struck | null {
    try {
      return struck.parse(JSON.parse(readFileSync(join(this.#folder, claimNameOf(id)), "utf8")));
    } catch {
      // It is not there, or not written yet.
      return null;
    }
  }

  #forbidClaim(id: number): boolean {
    try {
      writeFileSync(join(this.#folder, claimNameOf(id)), "", { flag: "wx" });
      return true;
    } catch {
      return false;
    }
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#forget(socket));
    const cutter = new LineCutter();
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      for (const line of cutter.push(text)) this.#take(socket, readMessage(line));
    });
    send(socket, { kind: "clock", offset_ms: this.#state.clock_offset_ms });
    if (this.#waiting !== null) send(socket, { kind: "arm", strike: this.#waiting.strike });
  }

  #forget(socket: Socket): void {
    this.#sockets.delete(socket);
    for (const silent of this.#asks.values()) silent.delete(socket);
  }

  #take(socket: Socket, message: ProcessMessage | undefined): void {
    switch (message?.kind) {
      case "passed":
        for (const [point, count] of Object.entries(message.points))
          this.#seen.set(point, (this.#seen.get(point) ?? 0) + count);
        break;
      case "counted":
        this.#asks.get(message.ask)?.delete(socket);
        break;
      case "struck":
        if (this.#waiting?.strike.id === message.id) this.#waiting.resolve(message);
        break;
    }
  }

  #broadcast(message: ControllerMessage): void {
    for (const socket of this.#sockets) send(socket, message);
  }

  /** Replaces the file in one step, so that a process that starts reads the old or the new one whole. */
  #writeState(change: Partial<ProcessState>): void {
    this.#state = { ...this.#state, ...change };
    const file = join(this.#folder, stateName);
    writeFileSync(`${file}.draft`, JSON.stringify(this.#state));
    renameSync(`${file}.draft`, file);
  }
}

function readMessage(line: string): ProcessMessage | undefined {
  try {
    return processMessage.parse(JSON.parse(line));
  } catch {
    // A process that was killed while it spoke.
    return undefined;
  }
}

function send(socket: Socket, message: ControllerMessage): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
