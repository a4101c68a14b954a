import { setTimeout as wait } from "node:timers/promises";
import { UnusableDatabaseError } from "../store/check-database.ts";
import { failureKindOf, sqlstateOf } from "../store/sqlstate.ts";

const triesMax = 5;
const pauseMs = 200;

/**
 * Does what a start needs of the database, and again when a connection breaks over it: a start that gives up for that
 * costs more than the break. Only for work that may be repeated.
 *
 * @param onBreak is told of each failure that is followed by another try
 * @throws the last failure, or the first that is none of the connection's
 */
export async function repeatWhileUnavailable<Result>(
  work: () => Promise<Result>,
  { signal, onBreak }: { readonly signal?: AbortSignal; readonly onBreak: (error: unknown) => void },
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === triesMax || !isBreak(error)) throw error;
      onBreak(error);
      await wait(pauseMs, undefined, { signal });
    }
  }
}

function isBreak(error: unknown): boolean {
  if (error instanceof UnusableDatabaseError)
    return failureKindOf(error.cause) === "unavailable" && !isMistaken(error.cause);
  return failureKindOf(error) === "unavailable";
}

/** Nobody listens there, or does not know the role or the database: that is the operator's to mend, and told at once. */
function isMistaken(reason: unknown): boolean {
  if (/^(?:28|3D)/.test(sqlstateOf(reason) ?? "")) return true;
  const code = reason instanceof Error && "code" in reason ? reason.code : null;
  return code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN";
}
