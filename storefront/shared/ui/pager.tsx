import { Button } from "@mantine/core";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { formatCount } from "../format/money.ts";
import { focusHeading } from "./focus-heading.ts";

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  /** Null when there is none. */
  readonly onPrevious: (() => void) | null;
  readonly onNext: (() => void) | null;
}

/** Leads through the pages of a list; nothing when there is but one. */
export function Pager({ page, pages, onPrevious, onNext }: PagerProps) {
  if (pages <= 1 && onPrevious === null && onNext === null) return null;
  const move = (go: (() => void) | null) => () => {
    go?.();
    scrollTo({ top: 0 });
    // The next page is read from its top too.
    focusHeading();
  };
  return (
    <nav className="pager" aria-label="Pages">
      <Button
        variant="default"
        leftSection={<IconArrowLeft size={18} aria-hidden />}
        disabled={onPrevious === null}
        onClick={move(onPrevious)}
      >
        Previous
      </Button>
      <p className="pager__place">
        Page {formatCount(page)} of {formatCount(pages)}
      </p>
      <Button
        variant="default"
        rightSection={<IconArrowRight size={18} aria-hidden />}
        disabled={onNext === null}
        onClick={move(onNext)}
      >
        Next
      </Button>
    </nav>
  );
}
