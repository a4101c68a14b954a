import { useRef } from "react";
import { type Threshold, type Tone, toneOf } from "./thresholds.ts";

/** The tone of a figure that changes: it holds until the figure has clearly gone back. */
export function useTone(value: number | null, threshold: Threshold): Tone {
  const previous = useRef<Tone>("calm");
  const tone = toneOf(value, threshold, previous.current);
  previous.current = tone;
  return tone;
}
