import fc, { type Arbitrary } from "fast-check";
import { anyText } from "./any-text.ts";
import { operations } from "../../api/contract/operations.ts";
import { hostileSegment, hostileText } from "./hostile-text.ts";
import { idOf } from "./likely-values.ts";
import { operationsCalls } from "./operations-calls.ts";
import { deliveries, strayHeaders } from "./plan-headers.ts";
import type { Credential, Listener, PlannedBytes, PlannedRequest, Template } from "./plan.ts";

const methods = fc.constantFrom(
  ..."GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PROPFIND MKCOL REPORT SEARCH PURGE QUERY LINK".split(" "),
);

const paths: Readonly<Record<Listener, readonly string[]>> = {
  public: Object.values(operations).map(({ path }) => path),
  operations: Object.values(operationsCalls).map(({ path }) => path),
};

const pages: Readonly<Record<Listener, readonly string[]>> = {
  public: [
    "/",
    "/livez",
    "/readyz",
    "/docs",
    "/openapi.json",
    "/problems",
    "/problems/sold_out",
    "/problems/__proto__",
    "/problems/constructor",
    "/docs/assets/page.css",
    "/docs/assets/__proto__",
    "/docs/assets/..%2f..%2fpackage.json",
    "/assets/..%2findex.html",
    "/assets/x.js",
    "/cart",
    "/checkout",
    "/tickets",
    "/events/x",
    "/orders/x",
    "/index.html",
    "/robots.txt",
    "/package.json",
    "/.env",
  ],
  operations: [
    "/",
    "/livez",
    "/readyz",
    "/readyz?verbose",
    "/sales",
    "/index.html",
    "/assets/x.js",
    "/..%2fpackage.json",
  ],
};

const oddTargets = [
  "*",
  "//",
  "///v1/events",
  "/v1//events",
  "/v1/events/",
  "/V1/events",
  "/v1/./events",
  "/v1/../v1/events",
  "/v1/events?",
  "/v1/events#a",
  "/v1%2fevents",
  "/%E0%A4%A",
  "/v1/events/%E0%A4%A",
  "/v1/%00",
  "/%2e%2e/%2e%2e/etc/passwd",
  "http://evil.example/v1/events",
  "//evil.example/v1/events",
  "/v1/events;a=b",
  "/ops/v1/overview/",
  "/ops",
  "/ops/v2/x",
  "/metrics/",
  "/\\..\\..\\",
  "?",
  "/?a=1&a=2&__proto__=1",
] as const;

const credentials: Arbitrary<Credential> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Credential>({ kind: "none", n: 0 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Credential["kind"]>("admin", "buyer", "bad").map((kind) => ({ kind, n: 1 })),
  },
);

/** Requests to addresses and with methods that the service may have or not. */
export function straysOf(listener: Listener): Arbitrary<PlannedRequest> {
  const templates = fc.constantFrom(...paths[listener]);
  const segment = fc.oneof(idOf("any_id"), hostileSegment);
  const known = fc.tuple(templates, segment).map(([path, value]) => path.replaceAll(/\{\w+\}/g, () => value));
  const longer = fc.tuple(known, hostileSegment).map(([path, more]) => `${path}/${more}`);
  const target = fc.oneof(
    { weight: 5, arbitrary: known },
    { weight: 2, arbitrary: longer },
    { weight: 3, arbitrary: fc.constantFrom(...pages[listener]) },
    { weight: 3, arbitrary: fc.constantFrom(...oddTargets) },
    { weight: 1, arbitrary: hostileSegment.map((value) => `/${value}`) },
  );
  const body: Arbitrary<Template | null> = fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom("{}", "a=b", "") },
  );
  return fc
    .record({
      method: methods,
      path: target,
      credential: credentials,
      headers: strayHeaders,
      body,
      delivery: deliveries,
    })
    .map((parts) => ({ kind: "request", listener, target: { kind: "stray" }, again: "no", ...parts }));
}

const junk = fc.oneof(
  hostileText.map(toBytes),
  anyText(200).map(toBytes),
  fc.constantFrom(
    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
    "\r\n\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /\r\n",
    "SSH-2.0-x\r\n",
  ),
);

const heads = (listener: Listener) =>
  listener === "public"
    ? fc.constantFrom(
        "GET /v1/events HTTP/1.1",
        "POST /v1/events HTTP/1.1",
        "GET /livez HTTP/1.1",
        "DELETE /v1/x HTTP/1.1",
        "GET / HTTP/1.0",
      )
    : fc.constantFrom(
        "GET /ops/v1/overview HTTP/1.1",
        "POST /ops/v1/jobs/x/run HTTP/1.1",
        "GET /livez HTTP/1.1",
        "GET / HTTP/1.0",
      );

/** Lines of which each alone, or two together, make a request ambiguous or broken. */
const lines = fc.constantFrom(
  "Host: localhost",
  "Host: localhost",
  "Host: localhost",
  "Host: a b",
  "Host:",
  "Content-Length: 2",
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: +2",
  "Content-Length: 2, 2",
  "Content-Length: 0x2",
  "Content-Length: 99999999999999999999",
  "Content-Length:",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "transfer-encoding: CHUNKED",
  "Content-Type: application/json",
  "Connection: close",
  "Connection: keep-alive, Upgrade",
  "Upgrade: websocket",
  "Authorization: Bearer x",
  "Authorization: Bearer x",
  "X-A: a\u0000b",
  "X-A: a\u0001b",
  " folded",
  "\tfolded",
  "NoColon",
  ": empty",
  "X A: b",
  "X-A: \u00ff",
  `X-A: ${"a".repeat(9_000)}`,
  "Expect: 100-continue",
  "Trailer: X",
  "",
);

const rests = fc.oneof(
  fc.constantFrom(
    "",
    "{}",
    "2\r\n{}\r\n0\r\n\r\n",
    "zz\r\n{}\r\n0\r\n\r\n",
    "2\r\n{}",
    "ffffffffffffffff\r\n",
    "2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n",
    "-1\r\n\r\n",
  ),
  junk,
);

/** Bytes for a connection of their own: ambiguous, cut off, pipelined, or no HTTP at all. */
export function bytesOf(listener: Listener): Arbitrary<PlannedBytes> {
  const almost = fc
    .tuple(
      heads(listener),
      fc.array(lines, { maxLength: 6 }),
      fc.constantFrom("\r\n", "\r\n", "\r\n", "\n"),
      rests,
    )
    .map(([head, others, end, rest]) => [head, ...others, "", ""].join(end) + rest);
  const proper = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const bytes = fc.oneof(
    { weight: 6, arbitrary: almost },
    { weight: 1, arbitrary: junk },
    { weight: 2, arbitrary: fc.tuple(almost, almost).map((both) => both.join("")) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 20 }), junk).map(([n, rest]) => proper.repeat(n) + rest),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(almost, fc.integer({ min: 1, max: 60 })).map(([text, n]) => text.slice(0, n)),
    },
  );
  const ending = fc.constantFrom<PlannedBytes["ending"]>("half-close", "half-close", "reset", "wait");
  return fc.record({ bytes, ending }).map((parts) => ({ kind: "bytes", listener, ...parts }));
}

/** One character for each byte of the text. */
function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
