import fc, { type Arbitrary } from "fast-check";
import { anyText } from "./any-text.ts";

/** Texts that have broken somebody's service before. None of them looks like a secret or a stack of ours. */
const known = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u2066evil\u2069",
  "مرحبا بالعالم",
  "e\u0301\u0301\u0301",
  "\ufeffname",
  "\u2028\u2029",
  "\u200b",
  "👩‍👩‍👧‍👦",
  "\uffff",
  "\r\nSet-Cookie: a=b",
  "'; drop table events; --",
  "\\'; select pg_sleep(9); --",
  "${7*7}{{7*7}}<%= 7*7 %>",
  "<script>alert(1)</script>",
  "../../../../etc/passwd",
  "%00%0a%25",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "99999999999999999999999999",
  "1e400",
  "NaN",
  "-0",
  "0x10",
  "null",
  "undefined",
  "true",
  "[object Object]",
  "$ne",
] as const;

/** Text that means harm, or nothing at all. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<string>(...known) },
  { weight: 2, arbitrary: anyText(30) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a", "\u0000", "é", "\u202e").map((letter) => letter.repeat(5_000)),
  },
);

/** The part of a path, already escaped or deliberately not. */
export const hostileSegment: Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "%E0%A4%A",
      "%",
      "%zz",
      "%00",
      "..",
      "%2e%2e",
      "%2F",
      "%252f",
      ".",
      "*",
      "null",
      "undefined",
      "__proto__",
      "constructor",
      "-1",
      "0",
      "1",
      ";",
      "a;b=c",
      "00000000-0000-0000-0000-00000000000g",
      "00000000000000000000000000000000",
      "%30%30000000-0000-4000-8000-000000000000",
      "{00000000-0000-4000-8000-000000000000}",
      "00000000-0000-4000-8000-000000000000%0a",
      "a".repeat(3_000),
    ),
  },
  { weight: 2, arbitrary: hostileText.map((text) => encodeURIComponent(text.toWellFormed().slice(0, 500))) },
);

/** Members that no body of the contract has, or that JavaScript gives a meaning of its own. */
export const surplusNames: Arbitrary<string> = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "id",
  "status",
  "available",
  "held",
  "sold",
  "version",
  "total_cents",
  "role",
  "admin",
  "expires_at",
  "toString",
  "",
  "a/b~c",
  "$where",
  "\u0000",
);
