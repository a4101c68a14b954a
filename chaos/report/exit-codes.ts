import type { Verdict } from "../model/verdict.ts";

/** How a run ends for whoever started it. */
export const exitCode = { ok: 0, error: 1, usage: 2, broken: 3 } as const;

/** @returns the exit code that tells a verdict; one that proves nothing is never 0 */
export function exitCodeOf(verdict: Verdict): number {
  switch (verdict) {
    case "pass":
      return exitCode.ok;
    case "unknown":
      return exitCode.error;
    case "broken":
      return exitCode.broken;
  }
}
