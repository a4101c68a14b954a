import type { Address } from "./connection.ts";
import { RunError } from "./run-error.ts";

const askMaxMs = 15_000;

/** A document of the API. */
export type Document = Readonly<Record<string, unknown>>;

/** Makes proper requests, for what has to be there before any attack. */
export class Client {
  readonly #origin: string;
  readonly #key: string | null;

  constructor({ host, port }: Address, key: string | null) {
    this.#origin = `http://${host}:${port}`;
    this.#key = key;
  }

  /** @throws RunError when it is not answered with a success */
  async ask(method: string, path: string, body?: object): Promise<Document> {
    const response = await fetch(this.#origin + path, {
      method,
      headers: {
        ...(this.#key !== null && { authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(askMaxMs),
    }).catch((error: unknown) => {
      throw new RunError(`${method} ${path} had no answer: ${String(error)}`);
    });
    const text = await response.text();
    if (!response.ok) throw new RunError(`${method} ${path} was answered with ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Document);
  }
}
