import type { EventReply } from "@holdfast/client";
import { formatCount } from "../format/money.ts";
import { formatDuration, formatInstant } from "../format/times.ts";
import type { Stock } from "./stock.ts";

/** How good the news is; always told by the words and the sign too. */
export type StockTone = "good" | "few" | "wait" | "none";

export interface StockWords {
  readonly text: string;
  readonly tone: StockTone;
  /** Whether the shop would take a reservation as far as is known here. It decides itself when it is asked. */
  readonly isBuyable: boolean;
}

type SaleTimes = Pick<EventReply, "sales_start_at" | "sales_end_at">;

const fewTicketsShare = 0.1;
const fewTicketsMax = 20;

/** An event's stock in words for a buyer. @param nowMs the server's time */
export function describeStock(stock: Stock, times: SaleTimes, nowMs: number): StockWords {
  const status = statusAt(stock, times, nowMs);
  switch (status) {
    case "on_sale":
      return describeLeft(stock);
    case "all_held":
      return { text: tellAllHeld(stock.nextExpiryAtMs, nowMs), tone: "wait", isBuyable: false };
    case "sold_out":
      return { text: "Sold out", tone: "none", isBuyable: false };
    case "paused":
      return { text: "Sales are paused", tone: "wait", isBuyable: false };
    case "ended":
      return { text: "Sales have ended", tone: "none", isBuyable: false };
    case "scheduled":
      return { text: tellStart(times.sales_start_at, nowMs), tone: "wait", isBuyable: false };
    default:
      return { text: `${formatCount(stock.available)} left`, tone: "good", isBuyable: true };
  }
}

/** The status goes on with the time, also between two messages. */
function statusAt(stock: Stock, times: SaleTimes, nowMs: number): Stock["status"] {
  const { sales_start_at, sales_end_at } = times;
  if (sales_end_at !== null && nowMs >= Date.parse(sales_end_at)) return "ended";
  const hasStarted = sales_start_at === null || nowMs >= Date.parse(sales_start_at);
  if (stock.status === "scheduled" && hasStarted) return stock.available > 0 ? "on_sale" : "all_held";
  return stock.status;
}

function describeLeft({ available, capacity }: Stock): StockWords {
  const isFew = available <= Math.min(fewTicketsMax, Math.max(1, capacity * fewTicketsShare));
  const text = isFew ? `Only ${formatCount(available)} left` : `${formatCount(available)} left`;
  return { text, tone: isFew ? "few" : "good", isBuyable: true };
}

function tellAllHeld(nextExpiryAtMs: number | null, nowMs: number): string {
  if (nextExpiryAtMs === null) return "All held, tickets may come back";
  if (nextExpiryAtMs <= nowMs) return "All held, tickets may come back any moment";
  return `All held, tickets may come back at ${formatInstant(nextExpiryAtMs, nowMs)}`;
}

function tellStart(startsAt: string | null, nowMs: number): string {
  if (startsAt === null) return "Sales have not started";
  return `Sales start in ${formatDuration(Date.parse(startsAt) - nowMs)}`;
}
