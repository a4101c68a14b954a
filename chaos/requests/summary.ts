import type { MemoryVerdict } from "./judge-memory.ts";
import type { Failure, Tally } from "./tally.ts";

/** What came of a run, for people and machines. */
export interface Summary {
  readonly verdict: "pass" | "broken" | "leaks";
  /** Every reason against "pass", in one sentence each. */
  readonly reasons: readonly string[];
  readonly seed: number;
  readonly requests: number;
  readonly sent: number;
  readonly seconds: number;
  readonly answered: number;
  readonly deep: number;
  readonly raw_connections: number;
  readonly raw_replies: number;
  readonly resent: number;
  readonly replays: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, { readonly sent: number; readonly succeeded: number }>>;
  readonly failure_count: number;
  readonly failures: readonly Failure[];
  readonly log_defects: readonly string[];
  readonly warnings: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly audit: string;
  readonly memory: { readonly workers: MemoryVerdict; readonly supervisor: MemoryVerdict };
}

export interface Findings {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly replays: number;
  readonly logDefects: readonly string[];
  readonly logDefectCount: number;
  readonly warnings: ReadonlyMap<string, number>;
  readonly restarts: number;
  readonly isGone: boolean;
  readonly stoppedInOrder: boolean;
  readonly audit: { readonly holds: boolean; readonly text: string } | null;
  readonly memory: Summary["memory"];
}

/** Weighs what was found: a broken promise is worse than a leak, and either is worse than nothing. */
export function summarise(findings: Findings): Summary {
  const { tally, audit, memory } = findings;
  const broken = [
    tally.failureCount > 0 && `${tally.failureCount} answers were wrong.`,
    findings.logDefectCount > 0 && `The service logged ${findings.logDefectCount} errors.`,
    findings.restarts > 0 && `Workers crashed ${findings.restarts} times.`,
    findings.isGone && "The service ended by itself.",
    !findings.stoppedInOrder && "The service did not stop in order.",
    audit?.holds === false && "Stock and reservations do not add up.",
  ].filter((reason) => reason !== false);
  const leaking = [
    memory.workers.verdict === "leaks" && "The workers' memory grew beyond its bound.",
    memory.supervisor.verdict === "leaks" && "The supervisor's memory grew beyond its bound.",
  ].filter((reason) => reason !== false);
  return {
    verdict: broken.length > 0 ? "broken" : leaking.length > 0 ? "leaks" : "pass",
    reasons: [...broken, ...leaking],
    seed: findings.seed,
    requests: findings.requests,
    sent: tally.sent,
    seconds: findings.seconds,
    answered: tally.answered,
    deep: tally.deep,
    raw_connections: tally.rawConnections,
    raw_replies: tally.rawReplies,
    resent: tally.resent,
    replays: findings.replays,
    statuses: sorted(tally.statuses),
    codes: sorted(tally.codes),
    calls: Object.fromEntries([...tally.calls].sort(([a], [b]) => a.localeCompare(b))),
    failure_count: tally.failureCount,
    failures: tally.failures,
    log_defects: findings.logDefects,
    warnings: sorted(findings.warnings),
    restarts: findings.restarts,
    audit: audit?.text ?? "not made",
    memory,
  };
}

function sorted(counts: ReadonlyMap<string | number, number>): Record<string, number> {
  const rows = [...counts].map(([name, count]): [string, number] => [String(name), count]);
  return Object.fromEntries(rows.sort(([a], [b]) => a.localeCompare(b)));
}
