import { type ReactNode, type RefObject, useEffect, useRef } from "react";

/** The address whose heading was shown last. Whoever opens the shop starts at the top of the document. */
let shownPath: string | null = null;
/** Whether that heading was given the focus. */
let wasFocused = false;

/** A heading that takes the focus when its page comes after another one. */
function usePageHeading(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Holdfast Tickets`;
  }, [title]);
  useEffect(() => {
    const isNext = shownPath !== null && shownPath !== location.pathname;
    // A page that was loading had a heading of its own, which took the focus with it when it went.
    const hasLostFocus = wasFocused && document.activeElement === document.body;
    wasFocused = isNext || hasLostFocus;
    if (wasFocused) heading.current?.focus({ preventScroll: true });
    shownPath = location.pathname;
  }, []);
  return heading;
}

/** A title of more than this is set smaller, so that a telephone has room for more than the title. */
const longTitleCharacters = 60;

interface PageProps {
  readonly title: string;
  /** Instead of the title, where the heading is worded otherwise. */
  readonly heading?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A page under its heading. */
export function Page({ title, heading, className = "", children }: PageProps) {
  const place = usePageHeading(title);
  return (
    <div className={`page ${className}`}>
      <h1 ref={place} tabIndex={-1} className="page__title" data-is-long={title.length > longTitleCharacters}>
        {heading ?? title}
      </h1>
      {children}
    </div>
  );
}
