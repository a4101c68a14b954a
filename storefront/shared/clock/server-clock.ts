const secondMs = 1_000;
/** How late an instant usually is that was told to the millisecond. */
const usualDelayMs = 100;
const unknown = { lowMs: -Infinity, highMs: Infinity, isSharp: false };

/** Between which limits the server's clock minus ours lies. */
let limits = unknown;

/**
 * Notes the time that a reply tells in its Date header, which is cut to the second. The truth lies between the header and
 * one second later, and the reply was made between sending and receiving; each reply narrows what is known.
 */
export function noteDateHeader(header: string | null, sentAtMs: number, receivedAtMs: number): void {
  const toldMs = Date.parse(header ?? "");
  if (Number.isNaN(toldMs)) return;
  narrow({ lowMs: toldMs - receivedAtMs, highMs: toldMs + secondMs - sentAtMs, isSharp: false });
}

/** Notes an instant that the server has just told to the millisecond: its clock shows that or later by now. */
export function noteInstant(at: string, receivedAtMs = Date.now()): void {
  const toldMs = Date.parse(at);
  if (Number.isNaN(toldMs)) return;
  narrow({ lowMs: toldMs - receivedAtMs, highMs: Infinity, isSharp: true });
}

/** The server's time now, in milliseconds since 1970; ours until the first reply. */
export function serverNowMs(): number {
  const { lowMs, highMs, isSharp } = limits;
  if (lowMs === -Infinity) return Date.now();
  const doubtMs = (highMs - lowMs) / 2;
  return Date.now() + lowMs + (isSharp ? Math.min(usualDelayMs / 2, doubtMs) : doubtMs);
}

function narrow(seen: typeof unknown): void {
  const lowMs = Math.max(limits.lowMs, seen.lowMs);
  const highMs = Math.min(limits.highMs, seen.highMs);
  // What cannot be true at once means that one of the clocks was set: only what was seen last counts.
  const isSharp = seen.lowMs >= limits.lowMs ? seen.isSharp : limits.isSharp;
  limits = lowMs <= highMs ? { lowMs, highMs, isSharp } : seen;
}

/** What the server's clock showed at one of ours. */
export function toServerMs(oursMs: number): number {
  return oursMs + (serverNowMs() - Date.now());
}
