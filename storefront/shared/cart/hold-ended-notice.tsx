import type { CartReply } from "@holdfast/client";
import type { ReactNode } from "react";
import { formatInstant } from "../format/times.ts";
import { Notice } from "../ui/notice.tsx";
import { deadlineOf } from "./judge-cart.ts";

interface HoldEndedNoticeProps {
  readonly cart: CartReply;
  readonly nowMs: number;
  readonly children?: ReactNode;
}

/** When the hold ended. That nothing was charged is said only once the service says that the cart has expired unpaid. */
export function HoldEndedNotice({ cart, nowMs, children }: HoldEndedNoticeProps) {
  const endedAtMs = deadlineOf(cart);
  const when = endedAtMs === null ? "" : ` at ${formatInstant(endedAtMs, nowMs)}`;
  return (
    <Notice tone="wait" title={`Your hold ended${when}.`}>
      <p>
        {cart.status === "expired" ? "You have not been charged. " : null}
        Others can take the tickets now. Your list is kept.
      </p>
      {children}
    </Notice>
  );
}
