import { randomUUID } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Operation, type OperationName, operations as calls } from "../../api/contract/operations.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { type BothListeners, openBothListeners } from "./open-both-listeners.ts";
import { headOf, holdBody } from "./raw-requests.ts";

let both: BothListeners;
let { service, operations, path, pausePath, post, pause, sendRaw, head } = {} as BothListeners;

beforeAll(async () => {
  both = await openBothListeners();
  ({ service, operations, path, pausePath, post, pause, sendRaw, head } = both);
});
afterAll(() => both.close());

const bodyOf = (bytes: number) => {
  const frame = '{"user_id":""}';
  return frame.replace('""', `"${"a".repeat(bytes - frame.length)}"`);
};

const tooLarge = { status: 413, code: "body_too_large" };

test.each([16 * 1024 + 1, 17 * 1024, 1024 * 1024])("(14) a body of %i bytes is too large", async (bytes) => {
  expect(await post({ body: bodyOf(bytes) })).toMatchObject({
    status: 413,
    body: { code: "body_too_large" },
  });
  expect(await pause({ reason: "a".repeat(bytes) })).toEqual(tooLarge);
});

test("(14) a body is too large by its declared length, before it is sent", async () => {
  expect(await sendRaw(service.url, head("Content-Length: 1000000000"))).toEqual(tooLarge);
});

test("(14) a chunked body is too large when it passes 16 KiB, without waiting for its end", async () => {
  const bytes = `${head("Transfer-Encoding: chunked")}8000\r\n${"a".repeat(0x8000)}\r\n`;
  expect(await sendRaw(service.url, bytes)).toEqual(tooLarge);
});

test.each(["gzip", "br", "deflate", "zstd", "identity, gzip", "GZIP"])(
  "(14) a compressed bomb is not unpacked: %s",
  async (encoding) => {
    const text = `{"user_id":"${"a".repeat(10_000_000)}"}`;
    const bomb = encoding === "br" ? brotliCompressSync(text) : gzipSync(text);
    expect(bomb.length).toBeLessThan(16 * 1024);
    const headers = { "content-encoding": encoding };
    expect(await post({ body: bomb, headers })).toMatchObject({
      status: 415,
      body: { code: "unsupported_media_type" },
    });
    expect(await pause({ reason: "a" }, headers)).toEqual({ status: 415, code: "unsupported_media_type" });
  },
);

test("(15) 40,000 nested arrays are refused", async () => {
  const body = `${"[".repeat(40_000)}${"]".repeat(40_000)}`;
  expect(await post({ body })).toMatchObject({ status: 413, body: { code: "body_too_large" } });
});

test("(15) as many nested arrays as fit in a body are refused, and nothing overflows", async () => {
  const depth = 8_000;
  const arrays = `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const objects = `${'{"user_id":'.repeat(1_200)}1${"}".repeat(1_200)}`;
  for (const body of [arrays, `{"user_id":${arrays}}`, objects]) {
    expect(await post({ body })).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  }
});

test("(17) a header of 9 KB is refused with a problem document, by both listeners", async () => {
  const padding = `X-Padding: ${"a".repeat(9 * 1024)}`;
  const refusal = { status: 431, code: "headers_too_large" };
  const hold = head(padding, `Content-Length: ${holdBody.length}`) + holdBody;
  expect(await sendRaw(service.url, hold)).toEqual(refusal);
  const many = Array.from({ length: 100 }, (_, index) => `X-Padding-${index}: ${"a".repeat(100)}`);
  expect(await sendRaw(service.url, head(...many, "Content-Length: 0"))).toEqual(refusal);
  const paused = headOf(pausePath, "none", padding, "Content-Length: 14") + '{"reason":"a"}';
  expect(await sendRaw(operations.url, paused)).toEqual(refusal);
  const address = `GET /${"a".repeat(9 * 1024)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  for (const url of [service.url, operations.url]) expect(await sendRaw(url, address)).toEqual(refusal);
});

const lists = (Object.keys(calls) as OperationName[]).filter((name) => {
  const { query }: Operation = calls[name];
  return query?.safeParse({ limit: "5" }).success === true;
});

test.each(lists)("(18) a limit that cannot be is refused: %s", async (name) => {
  expect(lists.length).toBeGreaterThan(5);
  const address = calls[name].path.replaceAll(/\{\w+\}/g, () => randomUUID());
  const limits = ["-1", "0", "101", "1e9", "1e2", "2.5", "", "%00", "5&limit=5", "5&limit=6"];
  for (const limit of limits) {
    const answer = await expectNoEffect(service.database, () =>
      service.send("get", `${address}?limit=${limit}`, { as: service.keys.admin }),
    );
    expect({ limit, status: answer.status, errors: answer.body["errors"] }).toMatchObject({
      limit,
      status: 422,
      errors: [{ pointer: "/limit" }],
    });
  }
});

const uuid = "00000000-0000-7000-8000-000000000000";
const pages: [query: string, pointer: string][] = [
  ["starting_after=nobody", "/starting_after"],
  [`starting_after=${uuid}&ending_before=${uuid}`, "/ending_before"],
  [`starting_after=${uuid}&starting_after=${uuid}`, "/starting_after"],
  ["page=2", "/page"],
  ["__proto__=1", "/__proto__"],
  ["limit=%E0%A4%A", "/limit"],
];

test.each(pages)("(18) a page that cannot be is refused: ?%s", async (query, pointer) => {
  const answer = await service.send("get", `/v1/events?${query}`);
  expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
});

const quantities = ["0", "-1", "1.5", '"1"', "2147483648", "99999999999999999999", "1e400"];
const oddities = ["null", "true", "[1]", '{"valueOf":1}'];

test.each([...quantities, ...oddities])(
  "(20) a quantity of %s is refused wherever one is named",
  async (quantity) => {
    const as = service.keys.service;
    const eventId = path.split("/")[3] ?? "";
    const places: ["post" | "put", address: string, rest: string][] = [
      ["post", path, '"user_id":"ada"'],
      ["put", `/v1/carts/${randomUUID()}/items/${eventId}`, '"user_id":"ada"'],
      ["post", "/v1/supplier-deliveries", `"restock_order_id":"${randomUUID()}"`],
    ];
    for (const [method, address, rest] of places) {
      const body = `{${rest},"quantity":${quantity}}`;
      const answer = await expectNoEffect(service.database, () =>
        service.send(method, address, { as, body }),
      );
      const errors = (answer.body["errors"] ?? []) as { readonly pointer: string }[];
      const pointers = new Set(errors.map(({ pointer }) => pointer));
      expect({ address, status: answer.status, pointers: [...pointers] }).toEqual({
        address,
        status: 422,
        pointers: ["/quantity"],
      });
    }
  },
);

test("(20) a quantity above what any event sells, or above what this one sells, is refused", async () => {
  for (const quantity of [2, 20, 21]) {
    const answer = await post({ body: { user_id: "ada", quantity } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/quantity" }] } });
  }
});
