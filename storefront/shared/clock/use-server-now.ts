import { useEffect, useState } from "react";
import { serverNowMs } from "./server-clock.ts";

/** The server's time, renewed each second while it is wanted. @returns milliseconds since 1970 */
export function useServerNow(isWanted = true): number {
  const [nowMs, setNowMs] = useState(serverNowMs);
  useEffect(() => {
    if (!isWanted) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    // Each step waits for the next whole second of the server, so that every countdown on the page steps at once.
    const step = () => {
      const atMs = serverNowMs();
      setNowMs(atMs);
      timer = setTimeout(step, 1_000 - (((atMs % 1_000) + 1_000) % 1_000) + 5);
    };
    step();
    return () => clearTimeout(timer);
  }, [isWanted]);
  return nowMs;
}
