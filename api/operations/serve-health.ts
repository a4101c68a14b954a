import { problemReply } from "../http/problem-reply.ts";
import { jsonReply, type Reply } from "../http/reply.ts";
import type { Sample } from "./sampler.ts";

/** One thing that must be so before the service can serve. */
interface Check {
  readonly name: string;
  readonly isGood: boolean;
  /** One sentence for people. */
  readonly text: string;
}

/** Whether this machine can serve, told from memory, so that the answer comes at once. */
export function readinessReply(sample: Sample, options: { verbose: boolean; requestId: string }): Reply {
  const checks = listChecks(sample);
  const failed = checks.filter(({ isGood }) => !isGood);
  if (options.verbose) return { ...verboseReply(checks), status: failed.length === 0 ? 200 : 503 };
  if (failed.length === 0) return jsonReply(200, { status: "ok" });
  const code = failed.some(({ name }) => name === "database") ? "database_unavailable" : "not_ready";
  return problemReply(code, options.requestId, { detail: failed.map(({ text }) => text).join(" ") });
}

function listChecks({ database, cluster }: Sample): Check[] {
  const missing = database.missingMigrations;
  const ready = cluster.workers.filter(({ state }) => state === "ready").length;
  return [
    {
      name: "database",
      isGood: database.isUp === true,
      text: database.isUp === true ? describeLatency(database.latencyMs) : "The database cannot be reached.",
    },
    {
      name: "migrations",
      isGood: missing?.length === 0,
      text: describeMigrations(missing),
    },
    {
      name: "workers",
      isGood: ready > 0,
      text: ready > 0 ? `${ready} of ${cluster.wanted} wanted workers ready.` : "No worker is ready.",
    },
  ];
}

function describeLatency(latencyMs: number | null): string {
  return `The database answers${latencyMs === null ? "" : ` in ${latencyMs.toFixed(1)} ms`}.`;
}

function describeMigrations(missing: readonly string[] | null): string {
  if (missing === null) return "The migrations have not been compared yet.";
  return missing.length === 0 ? "The schema is up to date." : `The database lacks ${missing.join(", ")}.`;
}

function verboseReply(checks: readonly Check[]): Omit<Reply, "status"> {
  const lines = checks.map(({ name, isGood, text }) => `[${isGood ? "+" : "-"}] ${name}: ${text}`);
  return { body: `${lines.join("\n")}\n`, contentType: "text/plain; charset=utf-8", headers: [] };
}
