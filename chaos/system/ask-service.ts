import { request } from "node:http";
import { workersReply } from "../../api/contract/dashboard-lists.ts";

/** What a listener said. */
export interface Spoken {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

export interface Question {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const replyBytesMax = 4_194_304;

/** Asks once, over a connection of its own. @returns null when there is no whole answer within the limit */
export function askOnce(url: string, limitMs: number, question: Question = {}): Promise<Spoken | null> {
  const { method = "GET", headers = {}, body } = question;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(limitMs);
    const asked = request(url, { method, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > replyBytesMax) asked.destroy();
        else chunks.push(chunk);
      });
      response.on("error", () => resolve(null));
      response.on("close", () => {
        if (!response.complete) return resolve(null);
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, retryAfter: received["retry-after"] ?? null, text });
      });
    });
    asked.on("error", () => resolve(null));
    asked.end(body);
  });
}

/** The process ids of the workers that take requests, by the operations listener; empty when it does not answer. */
export async function askForWorkers(opsUrl: string, limitMs: number): Promise<readonly number[]> {
  const answer = await askOnce(`${opsUrl}/ops/v1/workers`, limitMs);
  if (answer?.status !== 200) return [];
  const workers = workersReply.safeParse(parse(answer.text));
  if (!workers.success) return [];
  return workers.data.data.filter(({ state, pid }) => state === "ready" && pid > 1).map(({ pid }) => pid);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
