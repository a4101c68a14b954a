/** How far back the charts can look, in minutes. */
export const ranges = [
  { minutes: 5, word: "5 min" },
  { minutes: 15, word: "15 min" },
  { minutes: 60, word: "1 h" },
  { minutes: 360, word: "6 h" },
] as const;

export type RangeMinutes = (typeof ranges)[number]["minutes"];

export const usualRange: RangeMinutes = 15;

/** The range that an address asks for; the usual one for anything that is none. */
export function parseRange(text: string): RangeMinutes {
  return ranges.find(({ minutes }) => String(minutes) === text)?.minutes ?? usualRange;
}
