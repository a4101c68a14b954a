const minuteMs = 60_000;

/** What is worth saying, the most urgent first. */
const milestones = [
  { leftMs: 0, text: "Your hold has ended. Your cart keeps its list, and you can try to reserve again." },
  { leftMs: minuteMs, text: "1 minute left to check out." },
  { leftMs: 2 * minuteMs, text: "2 minutes left to check out." },
  { leftMs: 5 * minuteMs, text: "5 minutes left to check out." },
];

/** The milestone that was passed between two looks at the time that is left; null for none. */
export function findMilestone(leftBeforeMs: number, leftMs: number): string | null {
  const passed = milestones.find((each) => leftBeforeMs > each.leftMs && leftMs <= each.leftMs);
  return passed?.text ?? null;
}
