import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { BenchError } from "../bench-error.ts";
import { pause } from "../cluster/wait-until.ts";

const tickMs = 20;
const connectionsMax = 16;
const answerMaxMs = 10_000;

/** Where customers are made, and by whom. */
export interface SignUpPlace {
  readonly port: number;
  readonly apiKey: string;
}

/**
 * Signs customers up at an even rate, each with a phone of its own, whether or not the earlier ones were answered.
 *
 * @param firstNumber numbers of phones that were used before come below it
 * @throws BenchError when one of them was not answered with 201
 */
export async function sendSignUps(
  { port, apiKey }: SignUpPlace,
  {
    firstNumber,
    count,
    forMs,
  }: { readonly firstNumber: number; readonly count: number; readonly forMs: number },
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  const answers: Promise<number>[] = [];
  const sinceMs = performance.now();
  try {
    while (answers.length < count) {
      const dueCount = Math.min(count, Math.ceil(((performance.now() - sinceMs) / forMs) * count));
      while (answers.length < dueCount)
        answers.push(signUp(agent, { port, apiKey }, firstNumber + answers.length));
      await pause(tickMs, signal);
    }
    const refused = (await Promise.all(answers)).filter((status) => status !== 201);
    if (refused.length > 0)
      throw new BenchError(`${refused.length} sign-ups were not answered with 201 but with ${refused[0]}.`);
  } finally {
    await Promise.allSettled(answers);
    agent.destroy();
  }
}

/** @returns the status of the answer; 0 when none came */
function signUp(agent: Agent, { port, apiKey }: SignUpPlace, number: number): Promise<number> {
  const body = JSON.stringify({
    request_id: randomUUID(),
    customer: {
      first_name: "Ada",
      last_name: `Number ${number}`,
      email: `ada-${number}@example.org`,
      phone_number: phoneNumberOf(number),
    },
  });
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const options = { agent, port, host: "127.0.0.1", path: "/v1/customers", method: "POST", headers };
  return new Promise((resolve) => {
    const sent = request({ ...options, signal: AbortSignal.timeout(answerMaxMs) }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}

/** A number as mobile phones have them. Nothing is ever sent to it: the demo's gateway is a file. */
function phoneNumberOf(number: number): string {
  return `+491511${String(1_000_000 + number)}`;
}
