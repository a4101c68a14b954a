import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { exampleProblem } from "../../../api/contract/describe-problems.ts";
import { examples } from "../../../api/contract/give-examples.ts";
import type { ProblemCode } from "../../../api/contract/problems.ts";
import { judgeDouble, plan } from "./start-double.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const common = { "X-Request-Id": "req_1", "X-Content-Type-Options": "nosniff" };

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8";
    response.writeHead(status, { ...common, "Content-Type": type, ...headers }).end(text);
  };

const refuse = (code: ProblemCode, members: object = {}, headers: Record<string, string> = {}): Answer => {
  const problem = { ...exampleProblem(code), request_id: "req_1", ...members };
  return answer(problem.status, problem, headers);
};

const holding = plan({
  target: { kind: "operation", name: "hold_tickets" },
  method: "POST",
  path: "/v1/events/019b7a5e-2c00-7d3a-9f5e-64c1b2a30d11/reservations",
  headers: [
    ["Content-Type", "application/json"],
    ["Idempotency-Key", "key"],
  ],
  body: '{"user_id":"customer-1842"}',
});

describe("an answer that keeps the contract", () => {
  test.each<[string, Answer]>([
    ["a document", answer(200, examples.event)],
    ["a refusal of the call's own", refuse("event_not_found")],
    ["a refusal of any call", refuse("rate_limited", {}, { "Retry-After": "1" })],
    ["a database that is away", refuse("database_unavailable", {}, { "Retry-After": "1" })],
  ])("is found right: %s", async (_what, respond) => {
    expect(await judgeDouble(respond, [plan()])).toEqual([]);
  });
});

describe("an answer that breaks the contract", () => {
  const stack = "Error: no\n    at serve (file:///service/serve.js:10:20)";
  test.each<[string, Answer, RegExp]>([
    ["a failure", refuse("internal_error"), /500, which is never right/],
    [
      "a page for an error",
      answer(404, "<h1>Not found</h1>", { "Content-Type": "text/html" }),
      /content type is text\/html/,
    ],
    [
      "a surplus member",
      answer(200, { ...examples.event, secret_margin: 1 }),
      /additional properties.*secret_margin/,
    ],
    ["a missing member", answer(200, { ...examples.event, version: undefined }), /required.*version/],
    [
      "a member of another type",
      answer(200, { ...examples.event, capacity: "500" }),
      /capacity must be integer/,
    ],
    [
      "an instant that is none",
      answer(200, { ...examples.event, created_at: "yesterday" }),
      /format.*date-time/,
    ],
    [
      "another content type",
      answer(200, examples.event, { "Content-Type": "application/json" }),
      /content type is application\/json/,
    ],
    ["another status", answer(201, examples.event), /201 where the contract says 200/],
    ["no JSON", answer(200, "{"), /no JSON/],
    ["a refusal of another call", refuse("sold_out"), /does not name sold_out/],
    [
      "a surplus member of a problem",
      refuse("event_not_found", { sql: "select" }),
      /additional properties.*sql/,
    ],
    ["a code with another status", refuse("event_not_found", { status: 410 }), /told with the status/],
    ["another request's id", refuse("event_not_found", { request_id: "req_2" }), /request ids differ/],
    ["no word of when to come again", refuse("rate_limited"), /lacks Retry-After/],
    ["no word of how to authenticate", refuse("unauthorized"), /how to authenticate/],
    ["a stack", refuse("event_not_found", { detail: stack }), /shows a stack/],
    [
      "a key",
      refuse("event_not_found", { detail: "hf_admin_0123456789abcdef is unknown." }),
      /shows an API key/,
    ],
    ["a cookie", answer(200, examples.event, { "Set-Cookie": "a=b" }), /header set-cookie/],
    ["no id", (_request, response) => response.writeHead(200).end(), /no X-Request-Id/],
    ["a closed connection", (request) => void request.socket.destroy(), /closed without a whole answer/],
    [
      "half an answer",
      (request, response) =>
        void response.writeHead(200, { "Content-Length": 9 }).write("1", () => request.socket.destroy()),
      /closed without a whole answer/,
    ],
    [
      "more than was asked",
      (request) => void request.socket.end("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n"),
      /More was answered/,
    ],
    ["no HTTP", (request) => void request.socket.end("hello\r\n\r\n"), /no HTTP/],
  ])("is found: %s", async (_what, respond, why) => {
    expect(await judgeDouble(respond, [plan()])).toEqual([expect.stringMatching(why)]);
  });

  test("is found: none at all", async () => {
    expect(await judgeDouble(() => {}, [plan()], 100)).toEqual(["There was no answer within 100 ms."]);
  });
});

describe("what must be refused and is not", () => {
  const held = answer(201, examples.reservation);
  test("is found: a credential that is not valid", async () => {
    const bad = plan({ credential: { kind: "bad", n: 0 } });
    expect(await judgeDouble(answer(200, examples.event), [bad])).toEqual([
      expect.stringMatching(/credential that is not valid/),
    ]);
  });

  test("is found: a credential that is not valid, refused for its role as if it were", async () => {
    const bad = { ...holding, credential: { kind: "bad", n: 0 } } as const;
    expect(await judgeDouble(refuse("forbidden"), [plan(bad)])).toEqual([
      expect.stringMatching(/credential that is not valid/),
    ]);
    const ofForeignPage = plan({ ...bad, headers: [...holding.headers, ["Origin", "https://evil.example"]] });
    expect(await judgeDouble(refuse("forbidden"), [ofForeignPage])).toEqual([]);
  });

  test("is found: a stranger", async () => {
    const stranger = plan({ ...holding, credential: { kind: "none", n: 0 } });
    expect(await judgeDouble(held, [stranger])).toEqual(["It served a stranger."]);
  });

  test.each([
    '{"user_id":"ada","status":"confirmed"}',
    '{"user_id":"ada","quantity":21}',
    '{"user_id":1}',
    "{",
    '{"user_id":"ada","__proto__":1}',
  ])("is found: the body %s", async (body) => {
    expect(await judgeDouble(held, [plan({ ...holding, body })])).toEqual([
      expect.stringMatching(/^It took a body/),
    ]);
  });

  test("is found: another quantity than was asked for", async () => {
    const body = '{"user_id":"customer-1842","quantity":3}';
    expect(await judgeDouble(held, [plan({ ...holding, body })])).toEqual([
      "It tells another quantity than it was asked for.",
    ]);
  });

  test("is found: a method that nothing is called by", async () => {
    const stray = plan({ target: { kind: "stray" }, method: "DELETE", path: "/livez" });
    expect(await judgeDouble(answer(200, {}), [stray])).toEqual([expect.stringMatching(/DELETE with 200/)]);
  });
});

describe("a key", () => {
  const another = { ...examples.reservation, id: "019bc3d1-7f40-7a91-b2c4-0d5e00000008" };
  const inTurn =
    (...answers: Answer[]): Answer =>
    (request, response) =>
      answers.shift()?.(request, response);

  test("that gives the same reply again is found right", async () => {
    const [first, again] = [
      answer(201, examples.reservation),
      answer(201, examples.reservation, { "Idempotent-Replayed": "true" }),
    ];
    expect(await judgeDouble(inTurn(first, again), [{ ...holding, again: "later" }])).toEqual([]);
  });

  test("that has two effects is found", async () => {
    const two = inTurn(answer(201, examples.reservation), answer(201, another));
    expect(await judgeDouble(two, [{ ...holding, again: "later" }])).toEqual([
      expect.stringMatching(/other bytes/),
    ]);
  });

  test("that gives somebody the reply of another is found", async () => {
    const given = inTurn(answer(201, examples.reservation), answer(201, examples.reservation));
    expect(await judgeDouble(given, [{ ...holding, again: "by another" }])).toEqual([
      expect.stringMatching(/made by another request/),
    ]);
  });
});

describe("bytes that are no request", () => {
  const bytes = {
    kind: "bytes",
    listener: "public",
    bytes: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ending: "half-close",
  } as const;

  test("may be answered with a problem, or with nothing", async () => {
    expect(await judgeDouble(refuse("malformed_request"), [bytes])).toEqual([]);
    expect(await judgeDouble((request) => void request.socket.destroy(), [bytes])).toEqual([]);
  });

  test("must not be answered with a page", async () => {
    const page = answer(400, "<h1>Bad Request</h1>", { "Content-Type": "text/html" });
    expect(await judgeDouble(page, [bytes])).toEqual([expect.stringMatching(/content type is text\/html/)]);
  });
});
