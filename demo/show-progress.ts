import type { WriteStream } from "node:tty";
import { SingleBar } from "cli-progress";

/** How far the sale is. */
interface ProgressState {
  /** Buyers who have been served to the end. */
  readonly done: number;
  readonly held: number;
  readonly confirmed: number;
  readonly refused: number;
}

/** Tells the person at the terminal how far the sale is, on a stream that carries no data. */
export interface Progress {
  update(state: ProgressState): void;
  /** Shows a line that stays. */
  say(sentence: string): void;
  stop(): void;
}

/** @param total buyers in all @param environment for TERM: some terminals cannot redraw a line */
export function showProgress(
  stream: NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY">>,
  total: number,
  environment: NodeJS.ProcessEnv,
): Progress {
  return stream.isTTY === true && environment["TERM"] !== "dumb"
    ? showBar(stream, total)
    : showLines(stream, total);
}

/** A bar that is redrawn. */
function showBar(stream: NodeJS.WritableStream, total: number): Progress {
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage} % | ETA {eta_formatted} | {value}/{total} buyers | {words}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 20,
    fps: 5,
    etaBuffer: 25,
    clearOnComplete: true,
    hideCursor: true,
    linewrap: true,
    // Signals are the sale's business: it goes on until what is under way has been answered.
    gracefulExit: false,
  });
  let state: ProgressState = { done: 0, held: 0, confirmed: 0, refused: 0 };
  let isStopped = false;
  const start = () => bar.start(total, state.done, { words: wordsOf(state) });
  // A process that is ended at once must still give the cursor back.
  const restore = () => bar.stop();
  process.once("exit", restore);
  start();
  return {
    update: (next) => {
      state = next;
      bar.update(state.done, { words: wordsOf(state) });
    },
    say: (sentence) => {
      bar.stop();
      stream.write(`${sentence}\n`);
      if (!isStopped) start();
    },
    stop: () => {
      isStopped = true;
      bar.stop();
      process.off("exit", restore);
    },
  };
}

/** A line at each tenth, for files and pipes. */
function showLines(stream: NodeJS.WritableStream, total: number): Progress {
  let tenthsShown = 0;
  return {
    update: (state) => {
      const tenths = Math.floor((state.done / total) * 10);
      if (tenths <= tenthsShown) return;
      tenthsShown = tenths;
      stream.write(`${tenths * 10} % | ${state.done}/${total} buyers | ${wordsOf(state)}\n`);
    },
    say: (sentence) => stream.write(`${sentence}\n`),
    stop: () => {},
  };
}

function wordsOf({ held, confirmed, refused }: ProgressState): string {
  return `held ${held}, confirmed ${confirmed}, refused ${refused}`;
}
