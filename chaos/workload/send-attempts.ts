import * as http from "node:http";
import type { Duplex } from "node:stream";

/** One request, as it goes out. */
export interface Attempt {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null for a request without a body. */
  readonly text: string | null;
  readonly credential: string | null;
  readonly key: string | null;
}

/** What was heard of an attempt. */
export type Heard =
  | { readonly kind: "whole"; readonly status: number; readonly text: string; readonly retryAfterMs: number }
  /** Nothing, or only the beginning of a reply. */
  | { readonly kind: "broken"; readonly status: number | null; readonly text: string | null };

interface SenderOptions {
  readonly connectionsMax: number;
  /** An attempt without a whole reply by then is broken off. */
  readonly limitMs: number;
  /**
   * Connections are shared among workers when they are opened, so one that is kept for the whole run would never reach a
   * worker that was started since. Absent, they are kept.
   */
  readonly requestsPerConnectionMax?: number;
}

const textMax = 1024 * 1024;

/**
 * Sends requests exactly once each, over kept connections. Not the client of `clients/`, which repeats and hides what
 * a history must tell: every attempt, and how it broke.
 */
export class AttemptSender {
  readonly #agent: http.Agent;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #limitMs: number;

  constructor(url: string, options: SenderOptions) {
    const { hostname, port } = new URL(url);
    this.#target = { host: hostname, port: Number(port) };
    this.#limitMs = options.limitMs;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: options.connectionsMax });
    renewConnections(this.#agent, options.requestsPerConnectionMax ?? Infinity);
  }

  /** Never rejects. @param signal breaks it off */
  send({ method, path, text, credential, key }: Attempt, signal: AbortSignal): Promise<Heard> {
    const headers: http.OutgoingHttpHeaders = {};
    if (credential !== null) headers["authorization"] = `Bearer ${credential}`;
    if (key !== null) headers["idempotency-key"] = key;
    if (text !== null) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(text);
    }
    const options = { ...this.#target, agent: this.#agent, method, path, headers };
    return hear(http.request(options), text, this.#limitMs, signal);
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#agent.destroy();
  }
}

function hear(
  request: http.ClientRequest,
  text: string | null,
  limitMs: number,
  signal: AbortSignal,
): Promise<Heard> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status: number | null = null;
    let length = 0;
    const settle = (heard: Heard) => {
      clearTimeout(limit);
      signal.removeEventListener("abort", breakOff);
      resolve(heard);
    };
    const heardText = () => Buffer.concat(chunks).toString("utf8");
    const fail = () => settle({ kind: "broken", status, text: status === null ? null : heardText() });
    const breakOff = () => {
      fail();
      request.destroy();
    };
    const limit = setTimeout(breakOff, limitMs);
    signal.addEventListener("abort", breakOff);
    // Errors may come more than once, and after the end: each must find somebody who listens.
    request.on("error", fail);
    request.on("close", () => {
      // The end of a reply may still be on its way up when its connection is gone.
      if (status === null) fail();
    });
    request.on("response", (response) => {
      status = response.statusCode ?? 0;
      response.on("error", fail);
      response.on("close", fail);
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > textMax) breakOff();
        else chunks.push(chunk);
      });
      response.on("end", () => {
        if (!response.complete) return fail();
        const retryAfterMs = retryAfterOf(response.headers["retry-after"]);
        settle({ kind: "whole", status: response.statusCode ?? 0, text: heardText(), retryAfterMs });
      });
    });
    request.end(text ?? undefined);
    if (signal.aborted) breakOff();
  });
}

/** The service gives seconds; anything else is as good as no wish. */
function retryAfterOf(header: string | undefined): number {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : 0;
}

function renewConnections(agent: http.Agent, requestsMax: number): void {
  const uses = new WeakMap<Duplex, number>();
  const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => unknown;
  agent.keepSocketAlive = (socket: Duplex): boolean => {
    const count = (uses.get(socket) ?? 0) + 1;
    uses.set(socket, count);
    return count < requestsMax && keep(socket) === true;
  };
}
