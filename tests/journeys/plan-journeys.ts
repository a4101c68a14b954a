import type { Plan } from "./take-journey.ts";

/** Which part of the buyers pays how. The rest pays as it should be. */
const tokens: readonly (readonly [token: string, share: number])[] = [
  ["tok_declined", 0.08],
  ["tok_late", 0.04],
  ["tok_lost", 0.015],
  ["tok_slow", 0.005],
];

/** Plans a buyer's way through one to three events. */
export function planJourney(userId: string, eventIds: readonly string[], next: () => number): Plan {
  const chosen = new Set<string>();
  const wanted = 1 + Math.floor(next() * 3);
  while (chosen.size < wanted) chosen.add(eventIds[Math.floor(next() * eventIds.length)] ?? "");
  const items = [...chosen].map((eventId) => ({ eventId, quantity: 1 + Math.floor(next() * 2) }));
  return {
    userId,
    items,
    removed: next() < 0.1 ? 0 : null,
    token: next() < 0.05 ? null : chooseToken(next()),
    isRefunded: next() < 0.05,
  };
}

function chooseToken(number: number): string {
  let below = 0;
  for (const [token, share] of tokens) {
    below += share;
    if (number < below) return token;
  }
  return "tok_ok";
}
