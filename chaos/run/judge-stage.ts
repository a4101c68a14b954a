import { setTimeout as wait } from "node:timers/promises";
import { ChaosError } from "../chaos-error.ts";
import { judgeRun } from "../model/judge-run.ts";
import { LiveJudge } from "../model/live-judge.ts";
import { readBooks } from "../model/read-books.ts";
import { tellBreaches } from "../model/tell-breach.ts";
import type { Judged, JudgeTask, LiveCheck } from "./run-parts.ts";

/** A database that came back late is waited for. */
const readMaxMs = 30_000;
const readPauseMs = 500;

/**
 * Reads what the database has at the end, and holds the history against it.
 *
 * @throws ChaosError when the database cannot be read
 */
export async function judgeStage({ historyPath, judgeUrl, stage, signal }: JudgeTask): Promise<Judged> {
  const { kinds, optionalKinds = [], operations, needsSoldOut } = stage;
  const books = await readPatiently(judgeUrl, signal);
  const judgement = await judgeRun({
    historyPath,
    books,
    options: {
      plan: kinds,
      optionalKinds,
      ...(operations !== undefined && { operations }),
      ...(needsSoldOut !== undefined && { needsSoldOut }),
    },
  });
  return { judgement, story: await tellBreaches(historyPath, judgement.breaches) };
}

/** Judges what single entries show, while the run goes on. */
export function makeLiveCheck(): LiveCheck {
  const judge = new LiveJudge();
  return (entry) => judge.take(entry).map(({ message }) => message);
}

async function readPatiently(judgeUrl: string, signal: AbortSignal) {
  const giveUpAtMs = performance.now() + readMaxMs;
  for (;;) {
    try {
      return await readBooks(judgeUrl, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() > giveUpAtMs)
        throw new ChaosError(
          `The database could not be read after the run: ${error instanceof Error ? error.message : String(error)}.`,
          { cause: error },
        );
      await wait(readPauseMs, null, { signal });
    }
  }
}
