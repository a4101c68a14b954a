import { useIsMutating, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { followCartChanges } from "../shared/cart/cart-channel.ts";
import { countdownEndOf } from "../shared/cart/judge-cart.ts";
import { forgetCart, keepItems, storedCart } from "../shared/cart/stored-cart.ts";
import { cartChangeKey, cartQuery } from "../shared/cart/use-cart.ts";
import { storedAttempt } from "../shared/checkout/stored-attempt.ts";
import { serverNowMs } from "../shared/clock/server-clock.ts";
import { useSession } from "../shared/session/use-session.ts";
import { useStored } from "../shared/storage/stored-value.ts";

const payingMs = 2_000;
/** After the deadline, so that the answer is what came of it. */
const afterDeadlineMs = 1_200;
const failedMs = 10_000;

/** Keeps what is known of the cart new: over its deadline, while it is paid, and when another tab has changed it. */
export function useCartKeeper(): void {
  const stored = useStored(storedCart);
  const isSent = useStored(storedAttempt) !== null;
  const session = useSession();
  const client = useQueryClient();
  const isChanging = useIsMutating({ mutationKey: cartChangeKey }) > 0;
  const isOurs = session.kind === "living" && stored?.user_id === session.session.user_id;
  const { data } = useQuery({
    ...cartQuery(stored?.cart_id ?? "none"),
    enabled: isOurs && !isChanging,
    refetchInterval: ({ state }) => {
      if (state.error !== null) return failedMs;
      if (isSent || state.data?.status === "paying") return payingMs;
      const endsAtMs = state.data === undefined || state.data === null ? null : countdownEndOf(state.data);
      return endsAtMs === null ? false : Math.max(payingMs, endsAtMs - serverNowMs() + afterDeadlineMs);
    },
  });
  useEffect(() => followCartChanges(() => void client.invalidateQueries({ queryKey: ["cart"] })), [client]);
  useEffect(() => {
    if (data === undefined || data === null) return;
    if (data.status === "ordered") forgetCart(data.id);
    else keepItems(data.id, data.items);
  }, [data]);
}
