import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operationTexts } from "../../api/contract/describe-operations.ts";
import { type Operation, type OperationName, operations as calls } from "../../api/contract/operations.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { type BothListeners, openBothListeners } from "./open-both-listeners.ts";
import { holdBody } from "./raw-requests.ts";

let both: BothListeners;
let { service, operations, path, pausePath, post, pause, sendRaw, head } = {} as BothListeners;

beforeAll(async () => {
  both = await openBothListeners();
  ({ service, operations, path, pausePath, post, pause, sendRaw, head } = both);
});
afterAll(() => both.close());

const malformed = { status: 400, code: "malformed_request" };

test.each([
  "{",
  '{"user_id":}',
  "{'user_id':'ada'}",
  '{"user_id":"ada"}{}',
  '{"user_id":"a\u0001"}',
  "NaN",
  " ",
  "\ufeff{}",
])("(26) bad JSON is malformed: %s", async (body) => {
  expect(await post({ body })).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  expect(await pause(body)).toEqual(malformed);
});

test("(26) bytes that are no UTF-8 are malformed", async () => {
  const body = Buffer.from([...Buffer.from('{"user_id":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
  expect(await post({ body })).toMatchObject({ status: 400, body: { code: "malformed_request" } });
});

test.each(["/v1/events/%E0%A4%A", "/v1/reservations/%", "/v1/carts/%E0%A4%A/items/%FF"])(
  "(26) an address that is no text is malformed: %s",
  async (address) => {
    const answer = await service.send("get", address, { as: service.keys.admin });
    expect(answer).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  },
);

test("(26) an address that is no text is malformed to the operations listener too", async () => {
  const answer = await operations.send("/ops/v1/sales/%E0%A4%A/pause", {
    method: "POST",
    body: { reason: "a" },
  });
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { code: "malformed_request" }]);
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-16",
  "application/jsonp",
  "text/json",
  "*/*",
])("(27) a body of type %s is not taken for JSON", async (type) => {
  const headers = { "content-type": type };
  const answer = await post({ body: holdBody, headers });
  expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  expect(await pause({ reason: "a" }, headers)).toEqual({ status: 415, code: "unsupported_media_type" });
});

/** The calls that take a body of ours. */
const withBody = (Object.keys(calls) as OperationName[]).filter((name) => {
  const { body, isSigned }: Operation = calls[name];
  return body !== undefined && isSigned !== true && operationTexts[name].body !== undefined;
});

type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/** Every text or every number in a body, by its pointer. */
function findValues(value: Json, type: "string" | "number", pointer = ""): string[] {
  if (typeof value === type) return [pointer];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([member, inner]) => findValues(inner, type, `${pointer}/${member}`));
}

/** The JSON of a body with other JSON at a pointer. */
function textWith(body: Json, pointer: string, json: string): string {
  const put = (value: Json, [member, ...rest]: readonly string[]): Json => {
    if (member === undefined) return "PUT HERE";
    if (Array.isArray(value))
      return value.map((each, index) => (String(index) === member ? put(each, rest) : each));
    const object = value as { readonly [member: string]: Json };
    return { ...object, [member]: put(object[member] ?? null, rest) };
  };
  return JSON.stringify(put(body, pointer.split("/").slice(1))).replace('"PUT HERE"', json);
}

/** Sends a body with other JSON at a pointer, which must change nothing. @returns what is complained about first */
async function complaintAbout(name: OperationName, pointer: string, json: string) {
  const operation: Operation = calls[name];
  const address = operation.path.replaceAll(/\{\w+\}/g, () => randomUUID());
  const body = textWith(operationTexts[name].body as Json, pointer, json);
  const answer = await expectNoEffect(service.database, () =>
    service.send(operation.method, address, { as: service.keys.admin, body }),
  );
  const [first] = (answer.body["errors"] ?? []) as { readonly pointer: string }[];
  return { json, status: answer.status, pointer: first?.pointer };
}

const badTexts = ['"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', `"${"a".repeat(4_000)}"`];

test.each(withBody)(
  "(28) NUL, lone surrogate and over-long text are refused in every text: %s",
  async (name) => {
    expect(withBody.length).toBeGreaterThan(10);
    for (const pointer of findValues(operationTexts[name].body as Json, "string"))
      for (const text of badTexts)
        expect(await complaintAbout(name, pointer, text)).toEqual({ json: text, status: 422, pointer });
  },
);

/** Prices alone may be that high, in cents of a small currency. */
const tooManyFor = (pointer: string) =>
  pointer.endsWith("/price_cents") ? "99999999999999999" : "99999999999";

const withNumbers = withBody.filter(
  (name) => findValues(operationTexts[name].body as Json, "number").length > 0,
);

test.each(withNumbers)("(28) 99999999999 is refused in every number: %s", async (name) => {
  for (const pointer of findValues(operationTexts[name].body as Json, "number"))
    for (const number of [tooManyFor(pointer), "-99999999999", "1e400", "9007199254740993"])
      expect(await complaintAbout(name, pointer, number)).toEqual({ json: number, status: 422, pointer });
});

const restock = (terms: string) => `{"name":"n","capacity":1,"restock":${terms}}`;
const supplier = (url: string) =>
  restock(`{"threshold":0,"quantity":1,"supplier_url":${JSON.stringify(url)}}`);
const values: [body: string, pointer: string][] = [
  ['{"name":"n","capacity":10000001}', "/capacity"],
  [`{"name":"${"é".repeat(201)}","capacity":1}`, "/name"],
  [supplier(`https://supplier.example/${"a".repeat(2_000)}`), "/restock/supplier_url"],
  [supplier("https://supplier.example/\u0000"), "/restock/supplier_url"],
  [supplier("https://supplier.example/\ud800"), "/restock/supplier_url"],
];

test.each(values)("(28) one too many is refused, and so is what stands inside: %s", async (body, pointer) => {
  const answer = await expectNoEffect(service.database, () =>
    service.send("post", "/v1/events", { as: service.keys.admin, body }),
  );
  expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
});

const userIds = [`"${"a".repeat(129)}"`, `"${"é".repeat(129)}"`, '"a\\nb"', '"a\\u200eb"'];

test.each(userIds)(
  "(28) a user's id that cannot be printed or is too long is refused: %s",
  async (userId) => {
    const answer = await post({ body: `{"user_id":${userId}}` });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/user_id" }] } });
  },
);

test.each(["search=%00", "search=a%00b", `search=${"a".repeat(4_000)}`, "limit=99999999999"])(
  "(28) a query is held to the same: ?%s",
  async (query) => {
    const answer = await service.send("get", `/v1/events?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  },
);

const size = `Content-Length: ${holdBody.length}`;
const rawRequests: [what: string, request: () => string][] = [
  [
    "both Content-Length and Transfer-Encoding",
    () => head(size, "Transfer-Encoding: chunked") + `0\r\n\r\n${holdBody}`,
  ],
  ["both, the other way round", () => head("Transfer-Encoding: chunked", size) + `0\r\n\r\n${holdBody}`],
  ["two Content-Lengths", () => head(size, "Content-Length: 1") + holdBody],
  ["the same Content-Length twice", () => head(size, size) + holdBody],
  ["a negative Content-Length", () => head("Content-Length: -1") + holdBody],
  ["a Content-Length that is no number", () => head("Content-Length: 17abc") + holdBody],
  ["a chunk without a size", () => head("Transfer-Encoding: chunked") + `zz\r\n${holdBody}\r\n0\r\n\r\n`],
  ["an unknown transfer encoding", () => head("Transfer-Encoding: chunked, identity") + holdBody],
  ["no Host", () => head(size).replace("Host: localhost\r\n", "") + holdBody],
  ["a header without a colon", () => head("Nonsense", size) + holdBody],
  ["a NUL in a header", () => head("X-Thing: a\u0000b", size) + holdBody],
  ["a method that does not exist", () => head("Content-Length: 0").replace("POST", "STEAL")],
  ["a request line of noise", () => "\u0016\u0003\u0001 hello\r\n\r\n"],
  ["another protocol version", () => head("Content-Length: 0").replace("HTTP/1.1", "HTTP/9.9")],
];

test.each(rawRequests)("(29) is malformed to both listeners: %s", async (_what, request) => {
  expect(await sendRaw(service.url, request())).toEqual(malformed);
  expect(await sendRaw(operations.url, request().replace(path, pausePath))).toEqual(malformed);
});
