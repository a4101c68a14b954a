import { writeFile } from "node:fs/promises";
import type { RunResult } from "../run/run-scenario.ts";
import { faultRowsOf } from "./print-verdict.ts";
import { sumFigures } from "./sum-figures.ts";

/** The result for machines: everything that the verdict rests on. */
export function resultDocument(result: RunResult, keptHistories: readonly string[]): object {
  const { stages, faults: _, elapsedMs, ...rest } = result;
  return {
    ...rest,
    elapsed_ms: Math.round(elapsedMs),
    figures: sumFigures(stages.map(({ judged }) => judged.judgement.figures)),
    faults: faultRowsOf(result),
    histories: keptHistories,
    stages: stages.map(({ judged, logTail: _log, historyPath: _path, ...stage }) => ({
      ...stage,
      figures: judged.judgement.figures,
      counts: judged.judgement.counts,
      breaches: judged.judgement.breaches,
    })),
  };
}

/** @throws when the file cannot be written */
export async function writeResult(
  path: string,
  result: RunResult,
  keptHistories: readonly string[],
): Promise<void> {
  await writeFile(path, `${JSON.stringify(resultDocument(result, keptHistories), null, 2)}\n`);
}
