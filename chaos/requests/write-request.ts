import type { KnownThings } from "./known-things.ts";
import type { PlannedRequest } from "./plan.ts";

/** A request with everything filled in. */
export interface WrittenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  /** Where it claims to come from. */
  readonly address: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** What is written one after the other. */
  readonly parts: readonly Buffer[];
}

const addressCount = 4_096;
const slices = 3;

/** Fills a planned request in. @param number its own, from which its address follows */
export function writeRequest(planned: PlannedRequest, number: number, known: KnownThings): WrittenRequest {
  const request = { number, user: known.userOf(planned.credential) };
  const path = known.fill(planned.path, request);
  const body = planned.body === null ? null : known.fill(planned.body, request);
  const authorization = known.authorizationOf(planned.credential);
  const address = addressAt(number);
  const headers = planned.headers.map(([name, value]): [string, string] => [
    name,
    value.startsWith("@@stripe_signature")
      ? known.signForStripe(body ?? "", Date.now())
      : known.fill(value, request),
  ]);
  const bytes = body === null ? null : Buffer.from(body);
  const isChunked = planned.delivery === "chunked" && bytes !== null;
  const head = [
    `${planned.method} ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `X-Forwarded-For: ${address}`,
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(bytes === null ? [] : [isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${bytes.length}`]),
  ];
  const whole = Buffer.concat([
    Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"),
    bytes === null ? Buffer.alloc(0) : isChunked ? inChunks(bytes) : bytes,
  ]);
  const parts = planned.delivery === "sliced" ? inSlices(whole) : [whole];
  return { method: planned.method, path, authorization, address, headers, body, parts };
}

/** Most strangers come from many addresses; every eighth from the same, which soon meets its limits. */
function addressAt(number: number): string {
  const n = number % 8 === 0 ? 0 : (Math.imul(number, 0x9e3779b1) >>> 0) % addressCount;
  return `10.7.${n >> 8}.${n & 255}`;
}

function inSlices(bytes: Buffer): Buffer[] {
  const size = Math.ceil(bytes.length / slices);
  return Array.from({ length: slices }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function inChunks(bytes: Buffer): Buffer {
  const chunks = bytes.length === 0 ? [] : inSlices(bytes).filter((slice) => slice.length > 0);
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]),
    Buffer.from("0\r\n\r\n"),
  ]);
}
