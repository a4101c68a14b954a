import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * What becomes of one request:
 * - an answer of the test's own;
 * - forward: the service behind answers it;
 * - lose: the service behind has done it, and the connection breaks before its answer is sent;
 * - half: the connection breaks in the middle of the answer;
 * - reset: the connection breaks before anything is done;
 * - silence: nothing happens, for as long as the client waits.
 */
export type Behaviour = ScriptedAnswer | "forward" | "lose" | "half" | "reset" | "silence";

interface ScriptedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as it arrived. */
interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly key: string | null;
  readonly authorization: string | null;
  readonly body: string;
}

export interface MisbehavingService {
  readonly url: string;
  /** Every request, in order. */
  readonly seen: readonly SeenRequest[];
  /** What becomes of the next requests, in order; those after them get what the last one got. */
  will(...behaviours: readonly [Behaviour, ...Behaviour[]]): void;
  close(): Promise<void>;
}

/** Starts a service that fails as it is told. @param behind the real service, where there is one */
export async function startMisbehavingService(behind: string | null = null): Promise<MisbehavingService> {
  const seen: SeenRequest[] = [];
  let script: Behaviour[] = ["reset"];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    seen.push({
      method: request.method ?? "",
      path: request.url ?? "",
      key: headerOf(request, "idempotency-key"),
      authorization: headerOf(request, "authorization"),
      body: body.toString(),
    });
    const [next = "reset", ...rest] = script;
    if (rest.length > 0) script = rest;
    await behave(next, { request, response, body, behind });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    will: (...behaviours) => {
      script = [...behaviours];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly behind: string | null;
}

async function behave(behaviour: Behaviour, { request, response, body, behind }: Exchange): Promise<void> {
  if (behaviour === "silence") return;
  if (behaviour === "reset") return void request.socket.destroy();
  if (behaviour === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"object":');
    // Flushed first, so that the client has begun to read when it breaks.
    return void setImmediate(() => request.socket.destroy());
  }
  if (behaviour === "forward" || behaviour === "lose") {
    const answer = await forward(behind ?? "", request, body);
    if (behaviour === "lose") return void request.socket.destroy();
    return void response.writeHead(answer.status, answer.headers).end(answer.body);
  }
  const { status, headers = {}, body: document } = behaviour;
  const text = typeof document === "string" ? document : JSON.stringify(document);
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

async function forward(behind: string, request: IncomingMessage, body: Buffer) {
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "idempotency-key"]) {
    const value = headerOf(request, name);
    if (value !== null) headers.set(name, value);
  }
  const answer = await fetch(behind + request.url, {
    method: request.method ?? "GET",
    headers,
    ...(body.length > 0 && { body }),
  });
  const replay = answer.headers.get("idempotent-replayed");
  return {
    status: answer.status,
    headers: replay === null ? {} : { "idempotent-replayed": replay },
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}

/** A refusal as the service words it. */
export function problem(status: number, code: string, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: {
      type: `/problems/${code}`,
      title: "A title",
      status,
      detail: `A sentence about ${code}.`,
      code,
      request_id: "req_test",
    },
  } satisfies ScriptedAnswer;
}
