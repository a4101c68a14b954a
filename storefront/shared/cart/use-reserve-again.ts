import { useState } from "react";
import { explain, isRefusal } from "../api/explain-problem.ts";
import { formatTickets } from "../format/money.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { tellUncertain } from "./tell-uncertain.ts";
import { useCartActions } from "./use-cart-actions.ts";

/** What can be reserved again: an item of a cart, or what is remembered of one. */
interface EndedItem {
  readonly event_id: string;
  readonly name: string;
  readonly quantity: number;
}

/** What came of one item. */
export interface AgainResult {
  readonly eventId: string;
  readonly isHeld: boolean;
  readonly text: string;
}

export type ReserveAgain = ReturnType<typeof useReserveAgain>;

/** Tries to reserve a list again, one item after the other, and tells of each what came of it. */
export function useReserveAgain() {
  const { put } = useCartActions();
  const [isRunning, setIsRunning] = useState(false);
  const [results, setResults] = useState<readonly AgainResult[]>([]);
  const tryOne = async ({ event_id, name, quantity }: EndedItem): Promise<AgainResult> => {
    try {
      await put.mutateAsync({ event_id, quantity });
      return { eventId: event_id, isHeld: true, text: `${name}: ${formatTickets(quantity)} held again.` };
    } catch (error) {
      const reason = isRefusal(error) ? explain(error) : tellUncertain(error);
      return { eventId: event_id, isHeld: false, text: `${name}: ${reason}` };
    }
  };
  const reserveAgain = async (items: readonly EndedItem[]): Promise<void> => {
    if (isRunning) return;
    setIsRunning(true);
    const soFar: AgainResult[] = [];
    setResults(soFar);
    for (const item of items) {
      soFar.push(await tryOne(item));
      setResults([...soFar]);
    }
    setIsRunning(false);
    // When all are held again, the button that had the focus is gone.
    if (soFar.every(({ isHeld }) => isHeld)) focusHeading();
  };
  return { reserveAgain, isRunning, results };
}
