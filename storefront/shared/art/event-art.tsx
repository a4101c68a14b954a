import { memo } from "react";
import { compositions } from "./compositions.tsx";
import { palettes } from "./palettes.ts";
import { randomNumbers } from "./random-numbers.ts";

interface EventArtProps {
  readonly eventId: string;
}

/** A picture for an event, always the same one. It tells nothing, so it is hidden from screen readers. */
export const EventArt = memo(function EventArt({ eventId }: EventArtProps) {
  const random = randomNumbers(eventId);
  const palette = palettes[Math.floor(random() * palettes.length)];
  const draw = compositions[Math.floor(random() * compositions.length)];
  if (palette === undefined || draw === undefined) return null;
  return (
    <svg className="art" viewBox="0 0 400 300" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width="400" height="300" fill={palette[0]} />
      {draw(palette, random)}
    </svg>
  );
});
