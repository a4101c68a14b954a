import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Direction, Disturbance, LostReply, NetworkProxy } from "./network-proxy.ts";
import { type Fate, ProxiedLink } from "./proxied-link.ts";

const passOn: Fate = { kind: "pass" };

/** Waits for a chunk that it wants; asked about each until then. */
interface Ambush {
  /** @returns how many bytes of it come through; null when it is not the one */
  readonly spring: (direction: Direction, chunk: Buffer) => number | null;
  readonly sprung: (detail: string) => void;
}

/**
 * Starts a proxy on a port of this machine that is free.
 *
 * @param targetPort of a server on this machine
 */
export async function startNetworkProxy(targetPort: number): Promise<NetworkProxy> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return new TcpProxy(server, targetPort);
}

class TcpProxy implements NetworkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #links = new Set<ProxiedLink>();
  readonly #ambushes = new Set<Ambush>();
  #targetPort: number;
  #disturbance: Disturbance | null = null;
  #isClosed = false;

  constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client: Socket) => this.#accept(client));
    // Running out of descriptors refuses a connection; the proxy goes on.
    server.on("error", () => {});
  }

  get open(): number {
    return this.#links.size;
  }

  setTarget(port: number): void {
    this.#targetPort = port;
  }

  disturb(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
    if (disturbance.kind === "cut") this.reset(this.open);
    if (disturbance.kind === "black_hole") for (const link of this.#links) link.silence();
  }

  calm(): void {
    this.#disturbance = null;
  }

  reset(count: number): number {
    const links = [...this.#links].slice(0, count);
    for (const link of links) link.reset();
    return links.length;
  }

  loseReply(isLost: (chunk: Buffer) => boolean, limitMs: number): Promise<LostReply | null> {
    return this.#lieInWait(
      (direction, chunk) => (direction === "reply" && isLost(chunk) ? 0 : null),
      limitMs,
    );
  }

  cutWithin(direction: Direction, part: number, limitMs: number): Promise<LostReply | null> {
    const spring = (passing: Direction, chunk: Buffer) =>
      passing === direction ? Math.floor(part * chunk.length) : null;
    return this.#lieInWait(spring, limitMs);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.reset(this.open);
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#isClosed || this.#disturbance?.kind === "cut") {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    const link: ProxiedLink = new ProxiedLink(client, server, {
      disturbance: () => this.#disturbance,
      decide: (direction, chunk) => this.#decide(direction, chunk),
      onClose: () => this.#links.delete(link),
    });
    this.#links.add(link);
    if (this.#disturbance?.kind === "black_hole") link.silence();
  }

  #decide(direction: Direction, chunk: Buffer): Fate {
    for (const ambush of this.#ambushes) {
      const bytes = ambush.spring(direction, chunk);
      if (bytes === null) continue;
      this.#ambushes.delete(ambush);
      ambush.sprung(`${bytes} of ${chunk.length} bytes of a ${direction} passed`);
      return { kind: "reset_after", bytes };
    }
    return passOn;
  }

  #lieInWait(spring: Ambush["spring"], limitMs: number): Promise<LostReply | null> {
    return new Promise((resolve) => {
      const ambush: Ambush = {
        spring,
        sprung: (detail) => {
          clearTimeout(limit);
          resolve({ detail });
        },
      };
      const limit = setTimeout(() => {
        this.#ambushes.delete(ambush);
        resolve(null);
      }, limitMs);
      this.#ambushes.add(ambush);
    });
  }
}
