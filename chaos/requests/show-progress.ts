import type { WriteStream } from "node:tty";
import type { Tally } from "./tally.ts";

const everyMs = 500;

/** Tells how far a run is: on a terminal a line that is written anew, elsewhere one for each tenth. @returns what ends it */
export function showProgress(
  stream: NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY">>,
  tally: Tally,
  total: number,
): () => void {
  const sinceMs = performance.now();
  const isLive = stream.isTTY === true;
  let tenthsShown = 0;
  const look = () => {
    const { planned: sent, deep, answered, failureCount } = tally;
    const seconds = (performance.now() - sinceMs) / 1000;
    const words = `${sent}/${total} requests, ${Math.round(sent / seconds)} a second, ${Math.round((100 * deep) / Math.max(answered, 1))} % from the books, ${failureCount} wrong answers`;
    const tenths = Math.floor((10 * sent) / total);
    if (isLive) stream.write(`\r\u001b[2K${words}`);
    else if (tenths > tenthsShown) stream.write(`${words}\n`);
    tenthsShown = tenths;
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    if (isLive) stream.write("\r\u001b[2K");
  };
}
