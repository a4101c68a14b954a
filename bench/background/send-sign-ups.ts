import { randomUUID } from "node:crypto";
import { BenchError } from "../bench-error.ts";
import { BuyerConnection } from "../cluster/buyer-connection.ts";
import { pause } from "../cluster/wait-until.ts";

const tickMs = 20;
const connectionsMax = 16;
const answerMaxMs = 10_000;

/** Where customers are made, and by whom. */
interface SignUpPlace {
  readonly port: number;
  readonly apiKey: string;
}

/**
 * Signs customers up at an even rate, each with a phone of its own. Over plain connections, so that asking takes as
 * little as it can from the machine that answers.
 *
 * @param asked.firstNumber numbers of phones that were used before come below it
 * @throws BenchError when one of them was not answered with 201
 */
export async function sendSignUps(
  { port, apiKey }: SignUpPlace,
  asked: { readonly firstNumber: number; readonly count: number; readonly forMs: number },
  signal: AbortSignal,
): Promise<void> {
  const { firstNumber, count, forMs } = asked;
  const idle = Array.from(
    { length: connectionsMax },
    () => new BuyerConnection({ host: "127.0.0.1", port }, answerMaxMs),
  );
  const all = [...idle];
  const refusals: string[] = [];
  let sent = 0;
  const underWay: Promise<void>[] = [];
  const signUp = async (connection: BuyerConnection, number: number) => {
    const answer = await connection.ask(requestOf(apiKey, number));
    idle.push(connection);
    if (answer.kind === "failed") refusals.push(answer.reason);
    else if (answer.status !== 201) refusals.push(`status ${answer.status}`);
  };
  const sinceMs = performance.now();
  try {
    while (sent < count) {
      const dueCount = Math.min(count, Math.ceil(((performance.now() - sinceMs) / forMs) * count));
      for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
        if (sent >= dueCount) {
          idle.push(connection);
          break;
        }
        underWay.push(signUp(connection, firstNumber + sent));
        sent += 1;
      }
      await pause(tickMs, signal);
    }
    await Promise.all(underWay);
  } finally {
    for (const connection of all) connection.close();
  }
  if (refusals.length > 0)
    throw new BenchError(`${refusals.length} sign-ups were not answered with 201: ${refusals[0]}.`);
}

function requestOf(apiKey: string, number: number): Buffer {
  const body = JSON.stringify({
    request_id: randomUUID(),
    customer: {
      first_name: "Ada",
      last_name: `Number ${number}`,
      email: `ada-${number}@example.org`,
      phone_number: phoneNumberOf(number),
    },
  });
  return Buffer.from(
    [
      "POST /v1/customers HTTP/1.1",
      "Host: 127.0.0.1",
      `Authorization: Bearer ${apiKey}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}

/** A number as mobile phones have them. Nothing is ever sent to it: the demo's gateway is a file. */
function phoneNumberOf(number: number): string {
  return `+491511${String(1_000_000 + number)}`;
}
