import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Direction, Disturbance } from "./network-proxy.ts";

/** Above this, the side that sends waits until some of it has been passed on. */
const queuedBytesMax = 1_048_576;
/** A connection that nothing passes on any more is noticed to be dead by the far side after so long, as by keep-alive. */
const noticedAfterMs = 3_000;

/** What a proxy wants done with a chunk: passed on, dropped with the connection reset, or the same after its first bytes. */
export type Fate = { readonly kind: "pass" } | { readonly kind: "reset_after"; readonly bytes: number };

export interface LinkWatcher {
  readonly disturbance: () => Disturbance | null;
  readonly decide: (direction: Direction, chunk: Buffer) => Fate;
  readonly onClose: () => void;
}

/** One connection of a client, and the proxy's own to the server for it. */
export class ProxiedLink {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #watcher: LinkWatcher;
  readonly #closing = new AbortController();
  #isSilent = false;
  #open = 2;

  constructor(client: Socket, server: Socket, watcher: LinkWatcher) {
    this.#client = client;
    this.#server = server;
    this.#watcher = watcher;
    this.#forward(client, server, "request");
    this.#forward(server, client, "reply");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      // What becomes of a connection is told by its close.
      socket.on("error", () => {});
      socket.on("close", () => this.#lose(other));
    }
  }

  /** Nothing passes any more, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends both sides at once, with whatever is under way. */
  reset(): void {
    this.#closing.abort();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  #lose(other: Socket): void {
    this.#open -= 1;
    if (this.#open === 0) {
      this.#closing.abort();
      this.#watcher.onClose();
    } else if (!this.#isSilent) this.#closeSoon(other);
    else
      wait(noticedAfterMs, null, { signal: this.#closing.signal, ref: false }).then(
        () => this.reset(),
        () => {},
      );
  }

  /** A side that has read everything ends with the other; one that has not is reset. */
  #closeSoon(other: Socket): void {
    if (other.writableEnded) other.destroySoon();
    else this.reset();
  }

  #forward(from: Socket, to: Socket, direction: Direction): void {
    let passing: Promise<void> = Promise.resolve();
    let queuedBytes = 0;
    from.on("data", (chunk: Buffer) => {
      if (this.#isSilent) return;
      const fate = this.#watcher.decide(direction, chunk);
      const piece = fate.kind === "pass" ? chunk : chunk.subarray(0, fate.bytes);
      queuedBytes += piece.length;
      if (queuedBytes > queuedBytesMax) from.pause();
      passing = doAfter(passing, async () => {
        await this.#pass(piece, to);
        queuedBytes -= piece.length;
        if (queuedBytes <= queuedBytesMax) from.resume();
        if (fate.kind === "reset_after") this.reset();
      });
    });
    from.on("end", () => {
      passing = doAfter(passing, async () => {
        if (!this.#isSilent) to.end();
      });
    });
  }

  async #pass(piece: Buffer, to: Socket): Promise<void> {
    const disturbance = this.#watcher.disturbance();
    if (disturbance?.kind === "delay") await this.#hold(disturbance.ms);
    const step = disturbance?.kind === "slice" ? Math.max(1, disturbance.bytesMax) : piece.length;
    for (let start = 0; start < piece.length; start += step) {
      // It may have fallen silent while this waited.
      if (this.#isSilent || to.destroyed || to.writableEnded) return;
      await writeAll(to, piece.subarray(start, start + step));
    }
  }

  async #hold(ms: number): Promise<void> {
    await wait(ms, null, { signal: this.#closing.signal }).catch(() => {});
  }
}

async function doAfter(before: Promise<void>, step: () => Promise<void>): Promise<void> {
  await before;
  await step();
}

/** Resolves when the socket has taken the bytes, or never will. */
function writeAll(to: Socket, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off("close", done);
      resolve();
    };
    to.once("close", done);
    to.write(piece, done);
  });
}
