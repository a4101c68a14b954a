import type { Ref } from "react";
import { Notice } from "../../shared/ui/notice.tsx";

interface MistakeListProps {
  /** What is wrong, by the id of the field it is wrong in. */
  readonly mistakes: readonly (readonly [fieldId: string, text: string])[];
  readonly place: Ref<HTMLDivElement>;
}

/** What has to be put right, with the way there. */
export function MistakeList({ mistakes, place }: MistakeListProps) {
  return (
    <Notice tone="bad" title="Please check what you typed" place={place}>
      <ul className="mistakes">
        {mistakes.map(([fieldId, text]) => (
          <li key={fieldId}>
            <a
              href={`#${fieldId}`}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(fieldId)?.focus();
              }}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
