const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const dayAndYearFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The time of day, such as "14:05", with the day if it is not today. @param atMs the instant @param nowMs now */
export function formatInstant(atMs: number, nowMs: number): string {
  const time = clockFormat.format(atMs);
  const [day, today] = [new Date(atMs), new Date(nowMs)];
  if (day.toDateString() === today.toDateString()) return time;
  const isThisYear = day.getFullYear() === today.getFullYear();
  return `${(isThisYear ? dayFormat : dayAndYearFormat).format(atMs)}, ${time}`;
}

/** What is left, as on a clock: "8:05", "1:02:03". @param leftMs at least 0 */
export function formatClock(leftMs: number): string {
  const seconds = Math.ceil(Math.max(leftMs, 0) / secondMs);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const lastDigits = String(rest).padStart(2, "0");
  if (hours === 0) return `${minutes}:${lastDigits}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${lastDigits}`;
}

/** A length of time in words, to the two largest units: "2 days 3 hours", "8 minutes 5 seconds", "40 seconds". */
export function formatDuration(lengthMs: number): string {
  const wholeMs = Math.ceil(Math.max(lengthMs, 0) / secondMs) * secondMs;
  const parts = [
    { count: Math.floor(wholeMs / dayMs), word: "day" },
    { count: Math.floor(wholeMs / hourMs) % 24, word: "hour" },
    { count: Math.floor(wholeMs / minuteMs) % 60, word: "minute" },
    { count: Math.floor(wholeMs / secondMs) % 60, word: "second" },
  ];
  const first = parts.findIndex(({ count }) => count > 0);
  if (first === -1) return "0 seconds";
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ count, word }) => `${count} ${word}${count === 1 ? "" : "s"}`)
    .join(" ");
}
