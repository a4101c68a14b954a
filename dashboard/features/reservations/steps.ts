import type { Timeline } from "../../../api/contract/dashboard-lists.ts";
import { formatExactDuration } from "../../shared/format/times.ts";

type Reservation = Timeline["data"][number];
type HistoryStep = Reservation["history"][number];

/** A step of a reservation's life, with how long after the one before it came. */
export interface TimelineStep extends HistoryStep {
  /** "4 min 12 s later"; null for the first step. */
  readonly later: string | null;
}

const causes: Readonly<Record<string, string>> = {
  requested: "Its tickets were held.",
  extended: "Its deadline was moved.",
  confirmed: "It became a sale.",
  cancelled_by_buyer: "The buyer cancelled it.",
  cancelled_by_service: "The shop cancelled it.",
  deadline_passed: "Nobody confirmed it before its deadline.",
};

/** The steps of a reservation, oldest first. */
export function toSteps(history: readonly HistoryStep[]): TimelineStep[] {
  return history.map((step, index) => {
    const before = history[index - 1];
    if (before === undefined) return { ...step, later: null };
    const gapMs = Date.parse(step.at) - Date.parse(before.at);
    return { ...step, later: `${formatExactDuration(gapMs)} later` };
  });
}

/** A cause in a sentence; one that this page does not know is shown as it came. */
export function describeCause(cause: string): string {
  if (Object.hasOwn(causes, cause)) return causes[cause] ?? cause;
  const words = cause.replaceAll("_", " ").trim();
  return words === ""
    ? ""
    : `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}
