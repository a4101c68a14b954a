import { IconCircleCheck, IconCircleX, IconRefresh } from "@tabler/icons-react";
import { ActionButton } from "../ui/action-button.tsx";
import type { AgainResult } from "./use-reserve-again.ts";

interface ReserveAgainButtonProps {
  readonly isRunning: boolean;
  readonly onClick: () => void;
}

/** Asks for everything that is not held any more. */
export function ReserveAgainButton({ isRunning, onClick }: ReserveAgainButtonProps) {
  return (
    <ActionButton leftSection={<IconRefresh size={18} aria-hidden />} isBusy={isRunning} onClick={onClick}>
      Try to reserve again
    </ActionButton>
  );
}

/** What came of each item that was asked for again. */
export function ReserveAgainResults({ results }: { readonly results: readonly AgainResult[] }) {
  return (
    <ul className="again" role="status">
      {results.map(({ eventId, isHeld, text }) => (
        <li key={eventId} className="again__result">
          {isHeld ? (
            <IconCircleCheck size={18} aria-hidden className="again__good" />
          ) : (
            <IconCircleX size={18} aria-hidden className="again__bad" />
          )}
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
