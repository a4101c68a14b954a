import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { z } from "zod";
import { errorsReply, overviewReply, seriesReply } from "../../api/contract/dashboard.ts";
import { nodesReply, salesReply, timelineReply, workersReply } from "../../api/contract/dashboard-lists.ts";
import { jobsReply, outboxReply, restocksReply, verificationsReply } from "../../api/contract/job-lists.ts";
import type { Replies } from "./fixtures/replies.ts";

/** One request that the dashboard sent. */
interface SentRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | null;
  readonly body: unknown;
}

/** A refusal as the service words it. */
interface Refusal {
  readonly status: number;
  readonly detail: string;
}

/** A small server that gives the dashboard's files, and scripted answers that the contract allows. */
export interface FixtureServer {
  readonly url: string;
  /** What it answers; a test may change it at any time. */
  replies: Replies;
  /** Whether it drops every question without an answer. */
  isAway: boolean;
  /** How long it thinks before each answer. */
  delayMs: number;
  /** The key that it wants; null for none. */
  key: string | null;
  /** What it answers to every POST instead of doing it; null for doing it. */
  refusal: Refusal | null;
  /** Everything asked of /ops, in order. */
  readonly requests: SentRequest[];
  stop(): Promise<void>;
}

const bodyCharactersMax = 10_000;
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
/** The policy under which the operations listener serves the dashboard. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{{nonce}}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @param dist the folder with the built dashboard */
export async function serveFixtures(dist: string, replies: Replies): Promise<FixtureServer> {
  const state: FixtureServer = {
    url: "",
    replies,
    isAway: false,
    delayMs: 0,
    key: null,
    refusal: null,
    requests: [],
    stop: async () => {},
  };
  const server = createServer((request, response) => {
    const serve =
      request.url?.startsWith("/ops/") === true
        ? answerQuestion(state, request, response)
        : serveFile(dist, request, response);
    serve.catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((settle) => {
      server.close(() => settle());
      server.closeAllConnections();
    });
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, stop });
}

async function answerQuestion(state: FixtureServer, request: IncomingMessage, response: ServerResponse) {
  const body = await readBody(request);
  const { method = "GET", url: path = "", headers } = request;
  state.requests.push({ method, path, authorization: headers.authorization ?? null, body });
  if (state.isAway) return response.destroy();
  if (state.delayMs > 0) await wait(state.delayMs);
  if (state.key !== null && headers.authorization !== `Bearer ${state.key}`) {
    return sendJson(response, 401, { title: "A valid key or token is required", status: 401 });
  }
  if (method === "POST" && state.refusal !== null) {
    return sendJson(response, state.refusal.status, { title: "Refused", ...state.refusal });
  }
  // What was changed is answered without a body.
  if (method === "POST") return response.writeHead(204).end();
  const answer = makeAnswer(state.replies, new URL(path, "http://localhost"));
  return answer === undefined
    ? sendJson(response, 404, { title: "Nothing here" })
    : sendJson(response, 200, answer);
}

/** An answer that the contract allows; a fixture that it does not allow fails the question. */
function makeAnswer(replies: Replies, { pathname, searchParams }: URL): unknown {
  const check = (schema: z.ZodType, reply: unknown) => {
    schema.parse(reply);
    return reply;
  };
  switch (pathname) {
    case "/ops/v1/overview":
      return check(overviewReply, replies.overview());
    case "/ops/v1/series":
      return check(seriesReply, replies.series(Number(searchParams.get("minutes") ?? "15")));
    case "/ops/v1/errors":
      return check(errorsReply, replies.errors(Number(searchParams.get("after") ?? "0")));
    case "/ops/v1/workers":
      return check(workersReply, replies.workers());
    case "/ops/v1/nodes":
      return check(nodesReply, replies.nodes());
    case "/ops/v1/sales":
      return check(salesReply, replies.sales(searchParams));
    case "/ops/v1/reservations":
      return check(timelineReply, replies.reservations(searchParams));
    case "/ops/v1/jobs":
      return check(jobsReply, replies.jobs(searchParams));
    case "/ops/v1/verifications":
      return check(verificationsReply, replies.verifications(searchParams));
    case "/ops/v1/restocks":
      return check(restocksReply, replies.restocks(searchParams));
    case "/ops/v1/outbox":
      return check(outboxReply, replies.outbox(searchParams));
    default:
      return undefined;
  }
}

async function serveFile(dist: string, request: IncomingMessage, response: ServerResponse) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const path = normalize(pathname);
  const isFile = extname(path) !== "";
  const content = await readFile(join(dist, isFile ? path : "index.html")).catch(() => null);
  if (content === null) return response.writeHead(404).end();
  response.writeHead(200, {
    "content-type": contentTypes[isFile ? extname(path) : ".html"] ?? "application/octet-stream",
    "content-security-policy": contentSecurityPolicy.replace("{{nonce}}", "once"),
  });
  return response.end(isFile ? content : content.toString("utf8").replaceAll("{{nonce}}", "once"));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text = (text + String(chunk)).slice(0, bodyCharactersMax);
  return text === "" ? null : (JSON.parse(text) as unknown);
}

function sendJson(response: ServerResponse, status: number, body: unknown) {
  return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
