import { Button } from "@mantine/core";
import { ReserveAgainButton, ReserveAgainResults } from "../../shared/cart/reserve-again.tsx";
import { type KeptItem, storedCart } from "../../shared/cart/stored-cart.ts";
import type { ReserveAgain } from "../../shared/cart/use-reserve-again.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { formatInstant } from "../../shared/format/times.ts";
import { focusHeading } from "../../shared/ui/focus-heading.ts";
import { Notice } from "../../shared/ui/notice.tsx";
import { EndedItem } from "./ended-item.tsx";

interface LostCartProps {
  readonly remembered: readonly KeptItem[];
  /** When the guest's session ended; null if that is not why the cart cannot be read. */
  readonly endedAtMs: number | null;
  readonly again: ReserveAgain;
}

/** A cart that cannot be read any more. What was in it is still known here, and can be reserved anew. */
export function LostCart({ remembered, endedAtMs, again }: LostCartProps) {
  const nowMs = useServerNow();
  const { reserveAgain, isRunning, results } = again;
  const clear = () => {
    storedCart.write(null);
    focusHeading();
  };
  return (
    <div className="drawer__body">
      <Notice tone="wait" title={tellWhy(endedAtMs, nowMs)}>
        <p>
          {endedAtMs === null ? null : "What it still held becomes free again when its time is up. "}
          Your list is kept here.
        </p>
        <div className="row">
          <ReserveAgainButton isRunning={isRunning} onClick={() => void reserveAgain(remembered)} />
          <Button variant="default" disabled={isRunning} onClick={clear}>
            Clear the list
          </Button>
        </div>
      </Notice>
      <ReserveAgainResults results={results} />
      <ul className="items" aria-label="Not held any more">
        {remembered.map((item) => (
          <EndedItem key={item.event_id} item={item} />
        ))}
      </ul>
    </div>
  );
}

function tellWhy(endedAtMs: number | null, nowMs: number): string {
  if (endedAtMs === null) return "These tickets are not held for you.";
  return `Your guest session ended at ${formatInstant(endedAtMs, nowMs)}.`;
}
