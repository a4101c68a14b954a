import type { ServerResponse } from "node:http";
import { plainAnswerHeaders, protectiveHeaders } from "./protective-headers.ts";

/** A finished answer: everything but the headers that all answers share. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** Further headers as name, value, name, value. */
  readonly headers: readonly string[];
  /** What a page may load and run; nothing when absent, as for everything that is no page. */
  readonly contentPolicy?: string;
}

const noHeaders: readonly string[] = [];

export const jsonType = "application/json; charset=utf-8";
export const problemType = "application/problem+json; charset=utf-8";

export function jsonReply(status: number, value: unknown, headers: readonly string[] = noHeaders): Reply {
  return { status, body: JSON.stringify(value), contentType: jsonType, headers };
}

/** An answer without a body. */
export const emptyReply: Reply = { status: 204, body: "", contentType: "", headers: noHeaders };

/** The same answer with further headers. */
export function withHeaders(reply: Reply, headers: readonly string[]): Reply {
  return { ...reply, headers: [...reply.headers, ...headers] };
}

/** Sends an answer. Does nothing when the client is gone or was answered already. */
export function sendReply(response: ServerResponse, reply: Reply, requestId: string): void {
  if (response.headersSent || response.destroyed) return;
  const headers = [
    "X-Request-Id",
    requestId,
    "Cache-Control",
    "no-store",
    ...(reply.contentPolicy === undefined ? plainAnswerHeaders : protectiveHeaders),
  ];
  if (reply.contentPolicy !== undefined) headers.push("Content-Security-Policy", reply.contentPolicy);
  if (reply.contentType !== "") {
    headers.push("Content-Type", reply.contentType, "Content-Length", String(Buffer.byteLength(reply.body)));
  }
  if (reply.headers.length > 0) headers.push(...reply.headers);
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}
