import { useSyncExternalStore } from "react";

/** How the payment that this browser has sent stands, for whichever page shows it. */
export interface PaymentState {
  /** Whether it is not known yet what came of it. */
  readonly isPaying: boolean;
  /** Why there was no answer yet; null while nothing is wrong. */
  readonly silence: unknown;
  /** Why the shop refused the last one; null if it did not. */
  readonly failure: unknown;
}

let state: PaymentState = { isPaying: false, silence: null, failure: null };
const followers = new Set<() => void>();

export function setPaymentState(part: Partial<PaymentState>): void {
  state = { ...state, ...part };
  for (const follow of followers) follow();
}

export function usePaymentState(): PaymentState {
  return useSyncExternalStore(
    (onChange) => {
      followers.add(onChange);
      return () => followers.delete(onChange);
    },
    () => state,
  );
}
