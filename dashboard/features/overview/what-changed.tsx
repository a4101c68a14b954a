import { Button } from "@mantine/core";
import { useState } from "react";
import { MarkGlyph } from "../../shared/charts/mark-glyph.tsx";
import { type ChartMark, lookOf } from "../../shared/charts/marks.ts";
import { Instant } from "../../shared/ui/instant.tsx";

/** More would leave too little room for what each one says. */
const shownMax = 3;

/** What happened within the range, newest first: the legend of the vertical lines, in words. */
export function WhatChanged({ marks }: { readonly marks: readonly ChartMark[] }) {
  const [showsAll, setShowsAll] = useState(false);
  const newestFirst = marks.toReversed();
  const shown = showsAll ? newestFirst : newestFirst.slice(0, shownMax);
  return (
    <section className="what-changed" aria-labelledby="what-changed-title">
      <h2 id="what-changed-title" className="what-changed__title">
        What changed
      </h2>
      {marks.length === 0 ? <p className="muted">Nothing in this range.</p> : null}
      <ol className={`what-changed__list${showsAll ? " what-changed__list--all" : ""}`}>
        {shown.map((mark) => (
          <li key={`${mark.at} ${mark.kind} ${mark.text}`} title={mark.text}>
            <MarkGlyph kind={mark.kind} />
            <Instant atMs={mark.timeMs} />
            <span className="visually-hidden">{lookOf(mark.kind).word}:</span>
            <span className="what-changed__text">{mark.text}</span>
          </li>
        ))}
      </ol>
      {marks.length > shownMax ? (
        <Button size="compact-xs" variant="subtle" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? "Show fewer" : `Show all ${marks.length}`}
        </Button>
      ) : null}
    </section>
  );
}
