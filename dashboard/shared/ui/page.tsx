import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  readonly title: string;
  /** A sentence beside the title. */
  readonly summary?: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** Whoever opens the dashboard starts at the top of the document; only the pages after that take the focus. */
let hasShownPage = false;

/** A page with its heading, which takes the focus when one comes from another page. */
export function Page({ title, summary, tools, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasShownPage) heading.current?.focus();
    hasShownPage = true;
  }, []);
  return (
    <div className="page">
      <div className="page__head">
        <h1 ref={heading} tabIndex={-1} className="page__title">
          {title}
        </h1>
        {summary === undefined ? null : <p className="page__summary">{summary}</p>}
        {tools === undefined ? null : <div className="page__tools">{tools}</div>}
      </div>
      {children}
    </div>
  );
}
