import type { MemoryVerdict } from "./judge-memory.ts";
import type { Summary } from "./summary.ts";
import type { Failure } from "./tally.ts";

const failuresShown = 10;
const shownMax = 1_200;

/** The result for people. */
export function formatSummary(summary: Summary): string {
  const { sent, answered, deep, statuses, memory } = summary;
  const share = (count: number, of: number) => `${of === 0 ? 0 : ((100 * count) / of).toFixed(1)} %`;
  const replies = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const unavailable = statuses["503"] ?? 0;
  const rows: [string, string][] = [
    [
      "Requests",
      `${sent} in ${summary.seconds.toFixed(1)} s (${Math.round(sent / Math.max(summary.seconds, 0.001))} a second), seed ${summary.seed}`,
    ],
    [
      "Answers",
      `${answered} to requests, ${summary.raw_replies} on ${summary.raw_connections} raw connections, ${summary.resent} sent again`,
    ],
    [
      "By status",
      Object.entries(statuses)
        .map(([status, count]) => `${status}: ${share(count, replies)}`)
        .join(", "),
    ],
    ["From the books", `${deep} (${share(deep, answered)}) were done, or refused by what the books hold`],
    ["Rate limited", `${share(statuses["429"] ?? 0, replies)}`],
    ["Unavailable", `${unavailable} times 503${unavailable > 0 ? ", each with Retry-After" : ""}`],
    ["Replays", `${summary.replays} replies given again, each to its own caller`],
    ["Workers", `${summary.restarts} crashed`],
    ["Memory", `workers ${memoryWords(memory.workers)}; supervisor ${memoryWords(memory.supervisor)}`],
    ["Stock", summary.audit.includes("hold") ? "adds up" : summary.audit],
    [
      "Log",
      `${summary.log_defects.length === 0 ? "no error" : `${summary.log_defects.length} errors`}; warnings: ${warningWords(summary)}`,
    ],
  ];
  const table = rows.map(([name, words]) => `${name.padEnd(16)}${words}`);
  const failures = distinct(summary.failures)
    .slice(0, failuresShown)
    .map((failure) => describeFailure(failure, summary.seed));
  const log = summary.log_defects.slice(0, 5).map((line) => `Logged: ${line.slice(0, shownMax)}`);
  const verdict = [`Verdict: ${summary.verdict}`, ...summary.reasons.map((reason) => `- ${reason}`)];
  return `${[...failures, ...log, ...table, ...verdict].join("\n")}\n`;
}

/** What went wrong, and what does it again. */
function describeFailure({ number, asked, why, sent, received }: Failure, seed: number): string {
  return [
    `Wrong: ${asked}: ${why}`,
    `  again: npm run bad-requests -- --seed ${seed} --from ${number} --requests 1`,
    `  sent: ${JSON.stringify(sent.slice(0, shownMax))}`,
    `  received: ${JSON.stringify(received.slice(0, shownMax))}`,
    "",
  ].join("\n");
}

/** Each kind of failure once. */
function distinct(failures: readonly Failure[]): Failure[] {
  const kinds = new Map<string, Failure>();
  for (const failure of failures) {
    const kind = `${failure.asked.split(" ").slice(0, 2).join(" ")} ${failure.why}`;
    if (!kinds.has(kind)) kinds.set(kind, failure);
  }
  return [...kinds.values()];
}

function memoryWords({ verdict, firstBytes, lastBytes, boundBytes }: MemoryVerdict): string {
  if (verdict === "not judged") return "not judged (too few looks)";
  return `${verdict} (${mebibytes(firstBytes)} at first, ${mebibytes(lastBytes)} at last, at most ${mebibytes(boundBytes)})`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

function warningWords({ warnings }: Summary): string {
  const words = Object.entries(warnings).map(([message, count]) => `${count} × "${message}"`);
  return words.length === 0 ? "none" : words.join(", ");
}
