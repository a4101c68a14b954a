import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Attack } from "../../../chaos/requests/attack.ts";
import { KnownThings } from "../../../chaos/requests/known-things.ts";
import type { Planned, PlannedRequest } from "../../../chaos/requests/plan.ts";
import { ReplySchemas } from "../../../chaos/requests/reply-schemas.ts";

const schemas = new ReplySchemas();

/** A proper request for an operation that the service would serve. */
export function plan(request: Partial<PlannedRequest> = {}): PlannedRequest {
  return {
    kind: "request",
    listener: "public",
    target: { kind: "operation", name: "find_event" },
    method: "GET",
    path: "/v1/events/019b7a5e-2c00-7d3a-9f5e-64c1b2a30d11",
    credential: { kind: "service", n: 0 },
    headers: [],
    body: null,
    delivery: "whole",
    again: "no",
    ...request,
  };
}

/** Sends planned requests to a service that answers as it is told. @returns what was wrong with the answers */
export async function judgeDouble(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  planned: readonly Planned[],
  limitMs = 10_000,
): Promise<string[]> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const known = new KnownThings({
    credentials: {
      admin: "admin",
      service: "service",
      observer: "observer",
      buyers: [{ userId: "ada", token: "token" }],
      bad: ["Bearer bad"],
    },
    shopEvents: ["019b7a5e-2c00-7d3a-9f5e-64c1b2a30d11"],
    receiverUrl: "http://127.0.0.1:9",
    stripeSecret: "secret",
  });
  const attack = new Attack({
    plan: {
      at: (number) => {
        const found = planned[number];
        if (found === undefined) throw new Error(`There is no request ${number}.`);
        return found;
      },
    },
    known,
    schemas,
    addresses: { public: address, operations: address },
    connections: 1,
    limitMs,
    signal: new AbortController().signal,
  });
  try {
    await attack.run(0, planned.length);
    return attack.tally.failures.map(({ why }) => why);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
