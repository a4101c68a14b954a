import { IconCircleCheck, IconCircleOff, IconFlame, type Icon, IconHourglassHigh } from "@tabler/icons-react";
import { formatInstant } from "../format/times.ts";
import type { StockTone, StockWords } from "./stock-words.ts";

const signs: Readonly<Record<StockTone, Icon>> = {
  good: IconCircleCheck,
  few: IconFlame,
  wait: IconHourglassHigh,
  none: IconCircleOff,
};

interface StockLineProps {
  readonly words: StockWords;
  /** When this was so, if it is not known to be so now. */
  readonly asOfMs: number | null;
  readonly nowMs: number;
}

/** The stock in words, with a sign; what is old tells its age. */
export function StockLine({ words, asOfMs, nowMs }: StockLineProps) {
  const Sign = signs[words.tone];
  return (
    <p className={`stock stock--${words.tone}`}>
      <Sign size={18} stroke={2} aria-hidden className="stock__sign" />
      <span>
        {words.text}
        {asOfMs === null ? null : <span className="stock__age"> as of {formatInstant(asOfMs, nowMs)}</span>}
      </span>
    </p>
  );
}
