import { type Call, isInDoubt } from "./call.ts";
import { type JudgedRun, windowOf } from "./judged-run.ts";
import { isWithin } from "./window.ts";

/** Why a row that nobody was told of cannot be there. `refused`: all that can have made it was refused. */
export interface Unexplained<Row> {
  readonly row: Row;
  readonly because: "nobody" | "refused" | "again";
  /** The call that came nearest to making it. */
  readonly call: Call | null;
}

/**
 * Finds for each row the call that made it. A call that was told of a row has made that one and no other; one whose end
 * is in doubt may have made one for each of its attempts without a key, and one with a key.
 *
 * @param rows that one kind of call makes for one purpose
 * @param calls of that kind and purpose
 */
export function findUnexplained<Row extends { readonly id: string; readonly createdAtMs: number }>(
  run: Pick<JudgedRun, "time">,
  rows: readonly Row[],
  calls: readonly Call[],
): Unexplained<Row>[] {
  const told = new Set(calls.flatMap(({ settled }) => (settled?.kind === "ok" ? (settled.named ?? []) : [])));
  const untold = rows.filter(({ id }) => !told.has(id));
  if (untold.length === 0) return [];
  const doubtful = calls
    .filter(isInDoubt)
    .map((call) => ({ window: windowOf(run, call), left: call.key === null ? call.attempts : 1 }))
    .toSorted((one, other) => one.window.toMs - other.window.toMs);
  return untold
    .toSorted((one, other) => one.createdAtMs - other.createdAtMs)
    .flatMap((row) => {
      const maker = doubtful.find(({ window, left }) => left > 0 && isWithin(window, row.createdAtMs));
      if (maker === undefined) return [blame(run, row, calls)];
      maker.left -= 1;
      return [];
    });
}

function blame<Row extends { readonly createdAtMs: number }>(
  run: Pick<JudgedRun, "time">,
  row: Row,
  calls: readonly Call[],
): Unexplained<Row> {
  const during = calls.filter((call) => isWithin(windowOf(run, call), row.createdAtMs));
  const refused = during.find(({ settled }) => settled?.kind === "fail");
  if (refused !== undefined) return { row, because: "refused", call: refused };
  const again = during.find(({ settled }) => settled?.kind === "ok");
  return { row, because: again === undefined ? "nobody" : "again", call: again ?? null };
}
