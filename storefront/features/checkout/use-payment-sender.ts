import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { useLocation } from "wouter";
import { tellCartChanged } from "../../shared/cart/cart-channel.ts";
import { forgetAttempt, storedAttempt } from "../../shared/checkout/stored-attempt.ts";
import { orderQuery } from "../../shared/queries/order-query.ts";
import { useStored } from "../../shared/storage/stored-value.ts";
import { showToast } from "../../shared/toasts/toasts.ts";
import { setPaymentState } from "./payment-state.ts";
import { type AttemptEnd, sendAttempt } from "./send-attempt.ts";

/**
 * Sends whatever payment is stored, on whichever page the buyer is, until it is known what came of it. A reload, or
 * another tab, goes on with the same payment under the same key.
 */
export function usePaymentSender(): void {
  const stored = useStored(storedAttempt);
  // Once seen, an attempt is followed to its end here too, even if another tab has come to it first.
  const [attempt, setAttempt] = useState(stored);
  if (stored !== null && stored.key !== attempt?.key) setAttempt(stored);
  const client = useQueryClient();
  const [location, navigate] = useLocation();
  const finish = useEffectEvent((key: string, end: AttemptEnd) => {
    const isAwaited = location === "/checkout";
    if (end.kind === "order") client.setQueryData(orderQuery(end.order.id).queryKey, end.order);
    // The address leads to the order before the payment is forgotten: a reload in between must find one of them.
    if (end.kind !== "refused" && isAwaited)
      navigate(`/orders/${end.kind === "order" ? end.order.id : end.orderId}`, { replace: true });
    forgetAttempt(key);
    setAttempt(null);
    tellCartChanged();
    void client.invalidateQueries({ queryKey: ["cart"] });
    setPaymentState({ failure: end.kind === "refused" ? end.error : null });
    // Whoever looks at something else is told, not taken away from it.
    if (end.kind !== "refused" && !isAwaited) showToast("Your payment has been checked: see My tickets.");
  });
  useEffect(() => {
    setPaymentState({ isPaying: attempt !== null, silence: null });
    if (attempt === null) return undefined;
    const stop = new AbortController();
    const send = async () => {
      const end = await sendAttempt(attempt, (silence) => setPaymentState({ silence }), stop.signal);
      if (end !== null && !stop.signal.aborted) finish(attempt.key, end);
    };
    void send();
    return () => stop.abort();
  }, [attempt]);
}
