import { Sweeper } from "../../api/jobs/sweep-overdue-holds.ts";

/** One round of a new sweeper, to the end of everything that it began. @returns how long it would rest, in ms */
export async function sweepOnce(parts: ConstructorParameters<typeof Sweeper>[0]): Promise<number> {
  const sweeper = new Sweeper(parts);
  const pauseMs = await sweeper.sweepOnce();
  await sweeper.settle();
  return pauseMs;
}
