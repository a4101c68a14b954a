import { setTimeout as wait } from "node:timers/promises";

/**
 * Looks again and again until something is there.
 *
 * @param look gives null or false as long as it is not there
 * @returns what was found, or null when it was not there after `limitMs`
 * @throws when `signal` is aborted, and whatever `look` throws
 */
export async function waitUntil<Found>(
  look: () => Promise<Found | null | false> | Found | null | false,
  { everyMs, limitMs, signal }: { everyMs: number; limitMs: number; signal: AbortSignal },
): Promise<Found | null> {
  const giveUpAtMs = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() >= giveUpAtMs) return null;
    await pause(everyMs, signal);
  }
}

/** Waits. @throws the reason of `signal` when it is aborted */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
