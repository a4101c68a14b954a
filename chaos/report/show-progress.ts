import type { WriteStream } from "node:tty";
import type { RunProgress } from "../run/run-scenario.ts";

const lineEveryMs = 10_000;
const redrawEveryMs = 250;
const widthFallback = 100;

type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "columns">>;

/** Tells the person at the terminal how far a run is. */
export interface Progress {
  update(progress: RunProgress): void;
  /** Shows a line that stays. */
  say(sentence: string): void;
  stop(): void;
}

/**
 * One line that is redrawn on a terminal, a line now and then elsewhere.
 *
 * @param seconds of the whole run
 * @param environment for TERM: some terminals cannot redraw a line
 */
export function showProgress(stream: Stream, seconds: number, environment: NodeJS.ProcessEnv): Progress {
  const isRedrawn = stream.isTTY === true && environment["TERM"] !== "dumb";
  let shownAtMs = -Infinity;
  let isShown = false;
  const rate = new AckRate();
  const clear = () => {
    if (isShown) stream.write("\r\u001B[2K");
    isShown = false;
  };
  return {
    update: (progress) => {
      rate.take(progress);
      if (performance.now() - shownAtMs < (isRedrawn ? redrawEveryMs : lineEveryMs)) return;
      shownAtMs = performance.now();
      const line = tell(progress, seconds, rate.perSecond);
      if (!isRedrawn) return void stream.write(`${line}\n`);
      clear();
      stream.write(line.slice(0, (stream.columns ?? widthFallback) - 1));
      isShown = true;
    },
    say: (sentence) => {
      clear();
      stream.write(`${sentence}\n`);
    },
    stop: clear,
  };
}

/** How fast definite answers come, over the last seconds. */
class AckRate {
  readonly #spanMs = 5_000;
  #points: { readonly atMs: number; readonly count: number }[] = [];
  #stage = "";

  take({ stage, elapsedMs, acknowledged }: RunProgress): void {
    // Each stage counts from zero.
    if (stage !== this.#stage) this.#points = [];
    this.#stage = stage;
    this.#points.push({ atMs: elapsedMs, count: acknowledged });
    while ((this.#points[0]?.atMs ?? Infinity) < elapsedMs - this.#spanMs) this.#points.shift();
  }

  get perSecond(): number {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return (1_000 * (last.count - first.count)) / (last.atMs - first.atMs);
  }
}

function tell(progress: RunProgress, seconds: number, acksPerSecond: number): string {
  const { elapsedMs, stage, words, faults, unknown, inFlight, breaches, lastFault } = progress;
  return [
    `${Math.round(elapsedMs / 1_000)} s of about ${seconds} s`,
    `${stage}, ${words}`,
    `${faults} faults`,
    `${Math.round(acksPerSecond)} acks/s`,
    `${unknown} unknown`,
    `${inFlight} in flight`,
    `${breaches} breaches`,
    lastFault,
  ].join(" | ");
}
