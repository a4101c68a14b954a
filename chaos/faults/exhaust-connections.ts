import type { Client } from "pg";
import { askOnce, type Spoken } from "../system/ask-service.ts";
import { createClient, endClient } from "../system/keep-judge.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { pause } from "./pause.ts";

/** More than any server of ours admits. */
const slotsMax = 500;
const atOnce = 10;
const queryMaxMs = 5_000;
const lastMs = 1_500;
const answerMaxMs = 11_000;
const livezMaxMs = 2_000;

/** Row 11: every connection that the database admits is somebody else's. */
export const exhaustConnections: Fault = {
  kind: "connections_exhausted",
  number: 11,
  topologies: ["separate"],
  recoveryMaxMs: null,
  weight: "heavy",
  async inject(context) {
    const { system, signal, begun, underLoad } = context;
    const network = system.databaseNetwork;
    if (network === null) return "the service keeps its own database, and its connections with it";
    const held: Client[] = [];
    try {
      await underLoad();
      // The service's own connections go first, so that their places are free to be taken.
      network.disturb({ kind: "cut" });
      begun("every connection that the database admits was taken");
      await takeAll(system.ownerUrl, held, signal);
      network.calm();
      await Promise.all([pause(lastMs, signal), checkPromises(context)]);
    } finally {
      network.calm();
      await Promise.all(held.map(endClient));
    }
    return null;
  },
};

async function takeAll(url: string, held: Client[], signal: AbortSignal): Promise<void> {
  while (held.length < slotsMax && !signal.aborted) {
    const clients = Array.from({ length: atOnce }, () => createClient(url, queryMaxMs));
    const taken = await Promise.allSettled(clients.map((client) => client.connect()));
    for (const [index, client] of clients.entries()) {
      if (taken[index]?.status === "fulfilled") held.push(client);
      else await endClient(client);
    }
    if (taken.some(({ status }) => status === "rejected")) return;
  }
}

async function checkPromises({ system, signal, found }: FaultContext): Promise<void> {
  const [ready, alive, read] = await Promise.all([
    askOnce(`${system.directUrl}/readyz`, answerMaxMs),
    askOnce(`${system.directUrl}/livez`, livezMaxMs),
    askOnce(`${system.directUrl}/v1/events?limit=1`, answerMaxMs),
  ]);
  if (signal.aborted) return;
  if (alive?.status !== 200) found("/livez of a worker did not answer 200 while connections were exhausted.");
  requireUnavailable("/readyz", ready, found);
  // Lists may come from memory; what needs the database must say when to come again.
  if (read !== null && read.status >= 500) requireUnavailable("GET /v1/events", read, found);
}

function requireUnavailable(what: string, answer: Spoken | null, found: FaultContext["found"]): void {
  if (answer?.status !== 503)
    found(
      `${what} answered ${answer?.status ?? "nothing"} while connections were exhausted, instead of 503.`,
    );
  else if (answer.retryAfter === null)
    found(`${what} answered 503 without Retry-After while connections were exhausted.`);
}
