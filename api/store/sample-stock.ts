import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** The stock of all events together, as their counters tell it. */
export interface StockSums {
  readonly events: number;
  /** Events that take holds at this moment. */
  readonly eventsOnSale: number;
  /** Events whose sale is paused and has not ended. */
  readonly eventsPaused: number;
  readonly free: number;
  readonly held: number;
  readonly sold: number;
  /** Tickets held or sold beyond the capacity of their event. */
  readonly oversold: number;
}

/** Adds up all events. Reads the whole table, so whoever asks often must mind how long it takes. */
export async function selectStockSums(database: Database): Promise<StockSums> {
  const result = await sql<StockSums>`
    select count(*)::int as events,
      count(*) filter (where not ended and not scheduled and paused_reason is null and available > 0)::int
        as "eventsOnSale",
      count(*) filter (where not ended and paused_reason is not null)::int as "eventsPaused",
      coalesce(sum(available), 0) as free, coalesce(sum(held), 0) as held, coalesce(sum(sold), 0) as sold,
      coalesce(sum(greatest(held + sold - capacity, -available, 0)), 0) as oversold
    from (
      select available, held, sold, capacity, paused_reason,
        coalesce(sales_end_at <= statement_timestamp(), false) as ended,
        coalesce(sales_start_at > statement_timestamp(), false) as scheduled
      from events
    ) as judged`.execute(database);
  const row = result.rows[0];
  if (row === undefined) throw new Error("The database did not add up the stock.");
  return row;
}

/** The stock of one event. */
export interface EventStock {
  readonly eventId: string;
  readonly name: string;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

/** The events with the most tickets held or sold whose sale has not ended, the greatest first. */
export async function selectBusiestEvents(database: Database, eventsMax: number): Promise<EventStock[]> {
  const result = await sql<EventStock>`
    select id as "eventId", name, available, held, sold from events
    where sales_end_at is null or sales_end_at > statement_timestamp()
    order by held + sold desc, id desc limit ${eventsMax}`.execute(database);
  return result.rows;
}
