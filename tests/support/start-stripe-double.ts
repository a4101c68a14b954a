import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StripeAddress } from "../../api/providers/payment/open-stripe.ts";
import { refusal, type StripeAnswer, StripeBooks } from "./stripe-books.ts";

/**
 * What goes wrong with one call. "before" and "after" tell whether it had been carried out by then; a 500 "after"
 * or "instead" is on record for its key. `lie`: an answer about somebody else's payment.
 */
export type StripeFault =
  | "none"
  | "reset_before"
  | "reset_after"
  | "half_answer_after"
  | "silence_after"
  | "error_500_before"
  | "error_500_instead"
  | "error_500_after"
  | "rate_limited"
  | "not_json_after"
  | "lie_after";

interface KeyRecord {
  readonly request: string;
  /** Null while the first call with it is under way. */
  answer: StripeAnswer | null;
}

export interface StripeDouble {
  readonly address: StripeAddress;
  readonly secretKey: string;
  readonly books: StripeBooks;
  /** What was called, such as "POST /v1/payment_intents", in order. */
  readonly calls: readonly string[];
  /** Of the next calls, each is met by one of these, and by what was named before and has not been met. */
  failNext(...faults: readonly StripeFault[]): void;
  /** No further call is met by anything. */
  failNoMore(): void;
  /** Calls wait from now on until the returned function is called. */
  holdCalls(): () => void;
  /** Forgets every key, as Stripe does after a day. */
  forgetKeys(): void;
  close(): Promise<void>;
}

/** Starts a stand-in for Stripe's API on a free port: payments, refunds, and idempotency keys as Stripe keeps them. */
export async function startStripeDouble(): Promise<StripeDouble> {
  const books = new StripeBooks();
  const keys = new Map<string, KeyRecord>();
  const faults: StripeFault[] = [];
  const calls: string[] = [];
  const secretKey = "sk_test_double";
  let held: Promise<void> | null = null;

  const answerTo = async (
    request: IncomingMessage,
    body: string,
  ): Promise<StripeAnswer & { replayed?: boolean }> => {
    if (request.headers.authorization !== `Bearer ${secretKey}`)
      return refusal(401, "invalid_request_error", "api_key_invalid", "Invalid API Key.");
    const key = request.headers["idempotency-key"];
    const call = () => carryOut(books, request.method ?? "", request.url ?? "", new URLSearchParams(body));
    if (typeof key !== "string" || request.method !== "POST") return call();
    const asked = `${request.url}\n${body}`;
    const record = keys.get(key);
    if (record === undefined) {
      const fresh: KeyRecord = { request: asked, answer: null };
      keys.set(key, fresh);
      if (held !== null) await held;
      fresh.answer = call();
      // What is refused before it is begun is not on record.
      if (fresh.answer.status === 400) keys.delete(key);
      return fresh.answer;
    }
    if (record.request !== asked)
      return refusal(
        400,
        "idempotency_error",
        "idempotency_mismatch",
        "Keys can only be used with the same parameters.",
      );
    if (record.answer === null)
      return refusal(
        409,
        "idempotency_error",
        "idempotency_key_in_use",
        "Another request with this key is in progress.",
      );
    return { ...record.answer, replayed: true };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readText(request);
    calls.push(`${request.method} ${(request.url ?? "").replace(/\?.*/, "")}`);
    const fault = faults.shift();
    if (fault === "reset_before") return void request.socket.destroy();
    if (fault === "error_500_before") return send(response, failure500);
    if (fault === "error_500_instead") {
      keys.set(String(request.headers["idempotency-key"]), {
        request: `${request.url}\n${body}`,
        answer: failure500,
      });
      return send(response, failure500);
    }
    if (fault === "rate_limited")
      return send(response, refusal(429, "invalid_request_error", "lock_timeout", "Try again."));
    const answer = await answerTo(request, body);
    if (fault === undefined || fault === "none") return send(response, answer, answer.replayed);
    if (fault === "error_500_after") {
      const record = keys.get(String(request.headers["idempotency-key"]));
      if (record !== undefined) record.answer = failure500;
      return send(response, failure500);
    }
    misanswer(fault, request, response, answer);
  };
  const server = createServer(
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { protocol: "http", host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    secretKey,
    books,
    calls,
    failNext: (...next) => void faults.push(...next),
    failNoMore: () => void faults.splice(0),
    holdCalls: () => {
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      return () => {
        held = null;
        gate.resolve();
      };
    },
    forgetKeys: () => keys.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const failure500 = refusal(500, "api_error", "", "Something went wrong on our end.");

function carryOut(books: StripeBooks, method: string, url: string, form: URLSearchParams): StripeAnswer {
  const { pathname, searchParams } = new URL(url, "http://double");
  const [, , resource = "", id = "", action = ""] = pathname.split("/");
  const name = `${method} ${resource}${id === "" ? "" : id === "search" ? "/search" : "/{id}"}${action && `/${action}`}`;
  switch (name) {
    case "POST payment_intents":
      return books.create(form);
    case "GET payment_intents/search":
      return books.search(searchParams.get("query") ?? "");
    case "GET payment_intents/{id}":
      return books.retrieve(id);
    case "POST payment_intents/{id}/cancel":
      return books.cancel(id);
    case "POST refunds":
      return books.refund(form);
    default:
      return refusal(404, "invalid_request_error", "", `Unrecognized request URL (${name}).`);
  }
}

function misanswer(
  fault: Extract<StripeFault, `${string}_after`>,
  request: IncomingMessage,
  response: ServerResponse,
  answer: StripeAnswer,
): void {
  switch (fault) {
    case "reset_after":
      request.socket.destroy();
      return;
    case "half_answer_after":
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"id":', () => request.socket.destroy());
      return;
    case "not_json_after":
      response.writeHead(200, { "content-type": "text/html" }).end("<p>Welcome to the hotel's network.</p>");
      return;
    case "lie_after": {
      const lie = {
        ...(answer.body as object),
        status: "succeeded",
        amount: 1,
        metadata: { order_id: "another" },
      };
      send(response, { status: 200, body: lie });
      return;
    }
    case "silence_after":
    case "error_500_after":
      return;
  }
}

function send(response: ServerResponse, { status, body }: StripeAnswer, replayed = false): void {
  const headers = { "content-type": "application/json", ...(replayed && { "idempotent-replayed": "true" }) };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
