const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortClock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/**
 * A moment in local time: the clock alone for today, with the day otherwise, with the year for another year.
 *
 * @param nowMs what "today" is told by
 */
export function formatMoment(atMs: number, nowMs: number): string {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  const time = clock.format(at);
  if (at.toDateString() === now.toDateString()) return time;
  return `${(at.getFullYear() === now.getFullYear() ? day : dayOfYear).format(at)}, ${time}`;
}

/** Hours and minutes in local time, as on a time axis. */
export function formatClock(atMs: number): string {
  return shortClock.format(atMs);
}

/** Hours, minutes and seconds in local time. */
export function formatSeconds(atMs: number): string {
  return clock.format(atMs);
}

/** The same moment everywhere: "2030-01-31 18:00:00 UTC". */
export function formatUtc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A length of time in its two largest units: "12 s", "4 min", "1 h 5 min", "3 d 2 h". */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joinUnits(hours, "h", minutes % 60, "min");
  return joinUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** A length of time to the second where seconds matter: "4 min 12 s", "850 ms". */
export function formatExactDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))} ms`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60 || seconds >= 3600) return formatDuration(durationMs);
  return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
}

/** How long ago something was: "just now", "12 s ago". */
export function formatAge(ageMs: number): string {
  return ageMs < 2000 ? "just now" : `${formatDuration(ageMs)} ago`;
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
