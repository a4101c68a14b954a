import { useEffect, useState } from "react";

/**
 * The time of this browser, renewed every second while the tab is visible.
 *
 * @param isTicking false for a value that nobody reads, so that nothing is drawn for it
 */
export function useNow(isTicking = true): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return undefined;
    const tick = () => {
      if (document.visibilityState !== "hidden") setNowMs(Date.now());
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return nowMs;
}
