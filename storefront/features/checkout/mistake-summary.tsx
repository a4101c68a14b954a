import type { Ref } from "react";
import { Notice } from "../../shared/ui/notice.tsx";

interface MistakeSummaryProps {
  readonly mistake: string;
  readonly place: Ref<HTMLDivElement>;
}

/** What has to be put right before paying, with the way there. */
export function MistakeSummary({ mistake, place }: MistakeSummaryProps) {
  const goThere = () => document.querySelector<HTMLElement>("#email")?.focus();
  return (
    <Notice tone="bad" title="Please check what you typed" place={place}>
      <p>
        <a
          href="#email"
          onClick={(event) => {
            event.preventDefault();
            goThere();
          }}
        >
          {mistake}
        </a>
      </p>
      <p>Nothing was sent, and you have not been charged.</p>
    </Notice>
  );
}
