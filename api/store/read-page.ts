import type { Page, PageRequest } from "../kernel/page.ts";

export type PageOrder = "asc" | "desc";

/**
 * Reads one page of a list that is ordered by descending id, newest first. One row more than the limit
 * tells whether there is another page. A page before a cursor is read backwards and turned round.
 */
export async function readPage<Row, Item>(
  request: PageRequest,
  source: {
    select: (cursor: string | null, order: PageOrder, rowsMax: number) => Promise<Row[]>;
    count: () => Promise<number>;
    map: (row: Row) => Item;
  },
): Promise<Page<Item>> {
  const backwards = request.endingBefore !== null;
  const cursor = request.endingBefore ?? request.startingAfter;
  const [rows, total] = await Promise.all([
    source.select(cursor, backwards ? "asc" : "desc", request.limit + 1),
    source.count(),
  ]);
  const items = rows.slice(0, request.limit).map(source.map);
  return { items: backwards ? items.reverse() : items, hasMore: rows.length > request.limit, total };
}
