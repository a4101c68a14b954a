import type { FollowState, StockMessage } from "@holdfast/client";
import { useEffect, useState } from "react";
import { anonymous } from "../api/clients.ts";
import { noteInstant, serverNowMs } from "../clock/server-clock.ts";

/** Whether the stock shown is what it is now, and if not, when it was. */
export type Liveness =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting"; readonly lastSeenMs: number };

export interface LiveStock {
  readonly liveness: Liveness;
  /** What was told last of each event, by its id. */
  readonly told: ReadonlyMap<string, StockMessage>;
}

/**
 * Follows the stock of some events while the page is looked at. A hidden page follows nothing: browsers allow few open
 * connections to a shop, and another tab may need them.
 *
 * @param eventIds up to 100
 */
export function useLiveStock(eventIds: readonly string[]): LiveStock {
  const [told, setTold] = useState<ReadonlyMap<string, StockMessage>>(() => new Map());
  const [liveness, setLiveness] = useState<Liveness>({ kind: "connecting" });
  const isVisible = useIsVisible();
  const wanted = eventIds.join(" ");
  useEffect(() => {
    if (!isVisible) setLiveness(afterLoss);
    if (wanted === "" || !isVisible || typeof EventSource === "undefined") return undefined;
    const follower = anonymous.followStock(wanted.split(" "), {
      onStock: (stock) => {
        noteInstant(stock.at);
        setTold((before) => new Map(before).set(stock.event_id, stock));
      },
      onState: (state) => setLiveness((before) => livenessAfter(before, state)),
    });
    return () => follower.close();
  }, [wanted, isVisible]);
  return { liveness, told };
}

function livenessAfter(before: Liveness, state: FollowState): Liveness {
  switch (state) {
    case "live":
      return { kind: "live" };
    case "connecting":
      return before.kind === "live" ? { kind: "connecting" } : before;
    case "reconnecting":
      return afterLoss(before);
    default:
      // It was closed here, for other events or because nobody looks.
      return before;
  }
}

/** What was live is as old as the moment when it ceased to be. */
function afterLoss(before: Liveness): Liveness {
  return before.kind === "live" ? { kind: "reconnecting", lastSeenMs: serverNowMs() } : before;
}

function useIsVisible(): boolean {
  const [isVisible, setIsVisible] = useState(() => !document.hidden);
  useEffect(() => {
    const look = () => setIsVisible(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isVisible;
}
