import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Address } from "./connection.ts";
import { RunError } from "./run-error.ts";

const askMaxMs = 15_000;
const triesMax = 20;
const tryAgainMs = 1_000;

/** A document of the API. */
export type Document = Readonly<Record<string, unknown>>;

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly key: string;
}

/** Makes proper requests, for what has to be there before any attack. */
export class Client {
  readonly #origin: string;
  readonly #key: string | null;

  constructor({ host, port }: Address, key: string | null) {
    this.#origin = `http://${host}:${port}`;
    this.#key = key;
  }

  /**
   * Tries again, under the same key, while the service says that it is busy.
   *
   * @throws RunError when it is not answered with a success
   */
  async ask(method: string, path: string, body?: object): Promise<Document> {
    // It may have been busy with the answer only: without a key, the next try would then be refused or done twice.
    const key = randomUUID();
    for (let left = triesMax; ; left -= 1) {
      const { status, text } = await this.#send({ method, path, body, key });
      if (status === 503 && left > 1) await wait(tryAgainMs);
      else if (status < 300) return text === "" ? {} : (JSON.parse(text) as Document);
      else throw new RunError(`${method} ${path} was answered with ${status} ${text}`);
    }
  }

  async #send({ method, path, body, key }: Question): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(this.#origin + path, {
        method,
        headers: {
          ...(this.#key !== null && { authorization: `Bearer ${this.#key}` }),
          ...(body !== undefined && { "content-type": "application/json", "idempotency-key": key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(askMaxMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new RunError(`${method} ${path} had no answer: ${String(error)}`);
    }
  }
}
