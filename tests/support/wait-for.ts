import { setTimeout as wait } from "node:timers/promises";

const pauseMs = 20;

type Absent = null | undefined | false;

/**
 * Waits until a condition holds.
 *
 * @param look returns what was waited for, or null, undefined or false while it is not there yet
 * @param limitMs generous: it only bounds a test that fails anyway
 */
export async function waitFor<Found>(
  what: string,
  look: () => Found | Promise<Found>,
  limitMs = 10_000,
): Promise<Exclude<Found, Absent>> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<Found, Absent>;
    if (performance.now() > deadlineMs) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
    await wait(pauseMs);
  }
}
