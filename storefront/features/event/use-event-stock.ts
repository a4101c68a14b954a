import type { EventReply } from "@holdfast/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { ageOf } from "../../shared/stock/age-of.ts";
import { newestStock } from "../../shared/stock/stock.ts";
import { describeStock, type StockWords } from "../../shared/stock/stock-words.ts";
import { type Liveness, useLiveStock } from "../../shared/stock/use-live-stock.ts";
import { eventQuery } from "../../shared/queries/event-query.ts";

/** How often an event is read while its stream is lost. */
const withoutStreamMs = 10_000;

/** How an event sells at this moment, as far as is known. */
export interface EventSale {
  readonly words: StockWords;
  readonly available: number;
  readonly liveness: Liveness;
  readonly asOfMs: number | null;
  readonly nowMs: number;
}

/** Follows an event: by its stream, and by reading it again when the stream is lost or the event itself may have changed. */
export function useEventStock(event: EventReply, readAtMs: number): EventSale {
  const client = useQueryClient();
  const { liveness, told } = useLiveStock([event.id]);
  const nowMs = useServerNow();
  const stock = newestStock(event, told.get(event.id));
  const toldStatus = told.get(event.id)?.status;
  const isStatusNew = toldStatus !== undefined && toldStatus !== event.status;
  useEffect(() => {
    // The name, the price and the limits come with the event, not with its stock.
    if (isStatusNew) void client.invalidateQueries({ queryKey: eventQuery(event.id).queryKey });
  }, [client, event.id, toldStatus, isStatusNew]);
  const isLost = liveness.kind !== "live";
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = setInterval(
      () => void client.invalidateQueries({ queryKey: eventQuery(event.id).queryKey }),
      withoutStreamMs,
    );
    return () => clearInterval(timer);
  }, [client, event.id, isLost]);
  return {
    words: describeStock(stock, event, nowMs),
    available: stock.available,
    liveness,
    asOfMs: ageOf(liveness, readAtMs, nowMs),
    nowMs,
  };
}
