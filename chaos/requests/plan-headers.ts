import fc, { type Arbitrary } from "fast-check";
import { anyOf } from "./likely-values.ts";
import type { Again, Delivery, Template } from "./plan.ts";

type Header = readonly [name: string, value: Template];

const one = (name: string, values: Arbitrary<Template>): Arbitrary<readonly Header[]> =>
  values.map((value) => [[name, value]]);

/** Header values as a client sends them: bytes of Latin-1, none of which ends the line. */
const anyValue = fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,80}$/);

const contentTypes = fc.oneof(
  { weight: 30, arbitrary: fc.constant<readonly Header[]>([["Content-Type", "application/json"]]) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'application/json; charset="UTF-8"',
        "APPLICATION/JSON",
        "application/json ;charset=utf-8",
      )
      .map((type): readonly Header[] => [["Content-Type", type]]),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/json; charset=latin1",
        "application/problem+json",
        "application/json, text/html",
        "json",
        "",
        "*/*",
        `application/json;${" ".repeat(200)}`,
      )
      .map((type): readonly Header[] => [["Content-Type", type]]),
  },
  { weight: 1, arbitrary: fc.constant<readonly Header[]>([]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("gzip", "br", "deflate, gzip", "identity", "IDENTITY", "x")
      .map((encoding): readonly Header[] => [
        ["Content-Type", "application/json"],
        ["Content-Encoding", encoding],
      ]),
  },
);

/** Of keys that others use, too, so that somebody's reply could be given to somebody else. */
const sharedKeys = fc.nat(300).map((n) => `key-${n}`);

const idempotencyKeys: Arbitrary<readonly Header[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly Header[]>([]) },
  { weight: 5, arbitrary: one("Idempotency-Key", sharedKeys) },
  { weight: 3, arbitrary: one("Idempotency-Key", anyOf("fresh")) },
  {
    weight: 1,
    arbitrary: one(
      "Idempotency-Key",
      fc.oneof(
        fc.constantFrom(
          "",
          '""',
          '"quoted"',
          '"',
          "a".repeat(255),
          "a".repeat(256),
          "é",
          "a\tb",
          "__proto__",
        ),
        anyValue,
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: sharedKeys.map((key): readonly Header[] => [
      ["Idempotency-Key", key],
      ["idempotency-key", `${key}-2`],
    ]),
  },
);

const oddHeaders: Arbitrary<readonly Header[]> = fc.oneof(
  one(
    "X-Request-Id",
    fc.oneof(fc.stringMatching(/^[\w.-]{1,64}$/), fc.constantFrom("", "a".repeat(65), "a b", "é", "\"'<")),
  ),
  one("Accept", fc.oneof(fc.constantFrom("text/html", "application/xml", "*/*;q=0", "", ",,,"), anyValue)),
  one(
    "Accept-Encoding",
    fc.oneof(fc.constantFrom("gzip", "br;q=0", "*", "gzip;q=abc", "identity;q=0, *;q=0"), anyValue),
  ),
  one("Origin", fc.constantFrom("https://evil.example", "null", "http://127.0.0.1", "\u00e9")),
  one("Sec-Fetch-Site", fc.constantFrom("cross-site", "same-origin", "none", "x")),
  one("X-HTTP-Method-Override", fc.constantFrom("DELETE", "PUT", "CONNECT")),
  one("X-Forwarded-Proto", fc.constantFrom("https", "javascript")),
  one("X-Forwarded-Host", fc.constantFrom("evil.example", "a b", "")),
  one("Expect", fc.constantFrom("100-continue", "200-ok", "")),
  one("Upgrade", fc.constantFrom("websocket", "h2c")),
  one("If-None-Match", fc.constantFrom("*", '"a"', 'W/"a"')),
  one("Range", fc.constantFrom("bytes=0-0", "bytes=9-0", "x")),
  one("Cookie", anyValue),
  one("TE", fc.constantFrom("trailers", "gzip")),
  one("Last-Event-ID", fc.oneof(fc.nat().map(String), fc.constantFrom("-1", "9".repeat(30), "", "a"))),
  one("Stripe-Signature", fc.oneof(fc.constantFrom("", "t=1,v1=00", "t=,v1=", "v1"), anyValue)),
  one(
    "X-Anything",
    fc.nat(120).map((n) => "a".repeat(n * 70)),
  ),
  fc.constant(Array.from({ length: 90 }, (_, n): Header => [`X-Many-${n}`, "1"])),
);

/** The headers of a request beside those that say who sends it. @param hasBody whether a content type belongs to it */
export function headersOf(hasBody: boolean): Arbitrary<readonly Header[]> {
  const type = hasBody ? contentTypes : fc.constant<readonly Header[]>([]);
  const odd = fc.oneof(
    { weight: 9, arbitrary: fc.constant<readonly Header[]>([]) },
    { weight: 1, arbitrary: oddHeaders },
  );
  return fc.tuple(type, hasBody ? idempotencyKeys : fc.constant([]), odd).map((parts) => parts.flat());
}

/** The headers of whatever is no call of the API. */
export const strayHeaders: Arbitrary<readonly Header[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<readonly Header[]>([]) },
  { weight: 1, arbitrary: oddHeaders },
);

export const deliveries: Arbitrary<Delivery> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Delivery>("whole") },
  { weight: 1, arbitrary: fc.constant<Delivery>("chunked") },
  { weight: 1, arbitrary: fc.constant<Delivery>("sliced") },
);

/** Most requests are sent once. */
export const repetitions: Arbitrary<Again> = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Again>("no") },
  { weight: 1, arbitrary: fc.constantFrom<Again>("later", "at once", "by another") },
);
