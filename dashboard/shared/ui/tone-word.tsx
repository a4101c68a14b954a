import { IconAlertOctagonFilled, IconAlertTriangleFilled } from "@tabler/icons-react";
import type { Tone } from "../thresholds.ts";

/** What is wrong with a figure, as icon and word; nothing while it is as it should be. */
export function ToneWord({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  if (tone === "calm" || word === "") return null;
  return (
    <span className={`tag tag--${tone}`}>
      {tone === "critical" ? (
        <IconAlertOctagonFilled size={12} aria-hidden />
      ) : (
        <IconAlertTriangleFilled size={12} aria-hidden />
      )}
      {word}
    </span>
  );
}
