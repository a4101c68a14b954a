import { randomFillSync } from "node:crypto";

/** Random bytes are drawn in bulk: one call to the generator serves many ids. */
const pool = Buffer.alloc(4096);
let poolUsed = pool.length;

/**
 * Makes a UUIDv7 (RFC 9562): 48 bits of time, then random bits.
 *
 * @param nowMs milliseconds since 1970; orders the ids, nothing is judged by it
 */
export function makeId(nowMs: number = Date.now()): string {
  return format(nowMs, drawRandom());
}

/**
 * Makes the id of a reservation: a UUIDv7 whose last 8 bytes carry the event's number in 32 of their bits,
 * so that an id alone tells which event to look in. 42 random bits remain for each millisecond and event.
 *
 * @param eventNumber 1 to 2^31 - 1
 */
export function makeReservationId(eventNumber: number, nowMs: number): string {
  const bytes = drawRandom();
  bytes.writeUInt32BE(eventNumber, 6);
  return format(nowMs, bytes);
}

/** The number of the event that a reservation id belongs to. Any UUID gives some number. */
export function eventNumberOf(reservationId: string): number {
  // Bytes 12 to 15 of the 16; see `format` for their place in the text.
  return Number.parseInt(reservationId.slice(28, 36), 16);
}

/** Ten bytes that the caller may overwrite until the next draw. */
function drawRandom(): Buffer {
  if (poolUsed + 10 > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += 10;
  return pool.subarray(poolUsed - 10, poolUsed);
}

function format(nowMs: number, random: Buffer): string {
  const time = Math.trunc(nowMs).toString(16).padStart(12, "0");
  const versioned = 0x7000 | (random.readUInt16BE(0) & 0x0fff);
  const variant = 0x8000 | (random.readUInt16BE(2) & 0x3fff);
  const rest = random.toString("hex", 4, 10);
  return `${time.slice(0, 8)}-${time.slice(8)}-${versioned.toString(16)}-${variant.toString(16)}-${rest}`;
}
