import supertest from "supertest";
import type { Answer } from "./answer.ts";
import { checkContract } from "./check-contract.ts";

export type Method = "get" | "post" | "patch" | "put" | "delete" | "options";

export interface Sent {
  /** The key or token that is sent. */
  readonly as?: string;
  /** Sent as JSON; a string or buffer is sent as it is. */
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Send = (method: Method, path: string, sent?: Sent) => Promise<Answer>;

/** Makes a client that holds every answer it gets against the contract. */
export function createClient(serviceUrl: string): Send {
  const agent = supertest.agent(serviceUrl);
  return async (method, path, sent = {}) => {
    const request = agent[method](path);
    if (sent.as !== undefined) request.set("authorization", `Bearer ${sent.as}`);
    if (sent.idempotencyKey !== undefined) request.set("idempotency-key", sent.idempotencyKey);
    if (sent.body !== undefined) request.set("content-type", "application/json");
    if (sent.headers !== undefined) request.set(sent.headers);
    if (typeof sent.body === "string" || Buffer.isBuffer(sent.body)) request.serialize((bytes) => bytes);
    const response = await (sent.body === undefined ? request : request.send(sent.body as string));
    const answer: Answer = {
      status: response.status,
      headers: response.headers as Record<string, string>,
      text: response.text ?? "",
      body: response.body as Record<string, unknown>,
    };
    checkContract(method, path, answer);
    return answer;
  };
}
