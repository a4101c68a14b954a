import { resolve } from "node:path";
import type { LoadPlan, LoadReply, LoadRequest, LoadResult } from "./load/load-plan.ts";
import { type Child, startChild } from "./start-child.ts";

const serveLoadFile = resolve(import.meta.dirname, "load/serve-load.ts");
/** Beyond the time of the load itself: the last answers, and the way of the result. */
const marginMs = 20_000;

/** The process that makes the load, seen from the bench. */
export class LoadGenerator {
  readonly #child: Child<LoadRequest, LoadReply> = startChild<LoadRequest, LoadReply>(
    serveLoadFile,
    "load generator",
  );

  /** @throws BenchError when the load could not be made; answers of any kind are part of the result */
  async run(plan: LoadPlan): Promise<LoadResult> {
    const limitMs = plan.warmUpMs + plan.measuredMs + marginMs;
    return (await this.#child.ask({ kind: "run", plan }, "result", limitMs)).result;
  }

  /** Ends the counted time of the load that is running. */
  stopEarly(): void {
    this.#child.send({ kind: "stop" });
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
