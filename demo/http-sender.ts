import * as http from "node:http";
import * as https from "node:https";
import type { Duplex } from "node:stream";

/** One request to the service. */
interface Call {
  readonly method: "GET" | "POST";
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

export interface Answer {
  readonly status: number;
  /** The value of Retry-After; null without one. */
  readonly retryAfter: string | null;
  /** The parsed JSON; null when there is none. */
  readonly body: unknown;
}

/** No answer came, so whether the request had its effect is not known. */
export class NoAnswerError extends Error {
  /** As Node names it, such as ECONNREFUSED. */
  readonly code: string;

  constructor(code: string) {
    super(`No answer came (${code}).`);
    this.code = code;
  }
}

/**
 * Sends requests to one service and never again by itself. The crowd's requests go this way and not through the client
 * of `clients/typescript`: a rehearsal decides when connections are new, counts every try, and takes the time from when
 * a buyer wanted to come.
 */
export interface Sender {
  /** @throws NoAnswerError when no whole answer came within `limitMs` */
  send(call: Call, limitMs: number): Promise<Answer>;
  /** Ends idle connections. */
  close(): void;
}

/**
 * Real buyers do not share connections. A cluster spreads load by connection, so one that is kept for the whole sale
 * would never reach a worker that was added later.
 */
const requestsPerConnectionMax = 50;
const connectionAgeMaxMs = 1_000;
const answerBytesMax = 1024 * 1024;

/** @param key sent with every request; null for none */
export function createSender(url: URL, key: string | null): Sender {
  const isSecure = url.protocol === "https:";
  const options = { keepAlive: true, scheduling: "fifo" } as const;
  const agent = isSecure ? new https.Agent(options) : new http.Agent(options);
  renewConnections(agent);
  const base = url.pathname.replace(/\/$/, "");
  const target = {
    agent,
    // Brackets belong to the URL, not to the address.
    host: url.hostname.replaceAll(/^\[|\]$/g, ""),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
  };
  const request = isSecure ? https.request : http.request;
  const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
  const send = (call: Call, limitMs: number) => {
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers: http.OutgoingHttpHeaders = { ...authorization };
    if (call.idempotencyKey !== undefined) headers["idempotency-key"] = call.idempotencyKey;
    if (body !== null) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(body);
    }
    const outgoing = request({ ...target, method: call.method, path: base + call.path, headers });
    return awaitAnswer(outgoing, body, limitMs);
  };
  return { send, close: () => agent.destroy() };
}

function renewConnections(agent: http.Agent): void {
  const lives = new WeakMap<Duplex, { uses: number; readonly sinceMs: number }>();
  const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => unknown;
  agent.keepSocketAlive = (socket: Duplex): boolean => {
    const nowMs = performance.now();
    const life = lives.get(socket) ?? { uses: 0, sinceMs: nowMs };
    life.uses += 1;
    lives.set(socket, life);
    const isFresh = life.uses < requestsPerConnectionMax && nowMs - life.sinceMs < connectionAgeMaxMs;
    return isFresh && keep(socket) === true;
  };
}

function awaitAnswer(outgoing: http.ClientRequest, body: string | null, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      reject(new NoAnswerError(error.code ?? "connection lost"));
    };
    const limit = setTimeout(() => {
      fail(Object.assign(new Error(), { code: `no answer within ${Math.round(limitMs / 1000)} s` }));
      outgoing.destroy();
    }, limitMs);
    outgoing.on("error", fail);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > answerBytesMax) response.destroy(new Error("The answer is too long."));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(limit);
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers["retry-after"] ?? null,
          body: parseJson(Buffer.concat(chunks).toString("utf8")),
        });
      });
    });
    outgoing.end(body ?? undefined);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The code of a problem document; null for any other body. */
export function problemCodeOf(answer: Answer): string | null {
  const { body } = answer;
  if (typeof body !== "object" || body === null || !("code" in body)) return null;
  return typeof body.code === "string" ? body.code : null;
}
