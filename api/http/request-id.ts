import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const processPart = randomBytes(6).toString("hex");
let count = 0;

/** The id under which a request is logged and answered: the client's own if it is a plain word, else a fresh one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  if (typeof given === "string" && /^[\w.-]{1,64}$/.test(given)) return given;
  return makeRequestId();
}

export function makeRequestId(): string {
  count += 1;
  return `req_${processPart}${count.toString(36)}`;
}
