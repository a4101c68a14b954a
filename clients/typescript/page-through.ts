/** One page of a list. */
export interface Page<Item> {
  readonly data: readonly Item[];
  /** Whether there is more in the direction in which it was asked for. */
  readonly has_more: boolean;
}

/**
 * Walks through a list from its newest item to its oldest, a page at a time. What is added meanwhile is newer and does
 * not appear; nothing is told twice.
 *
 * @param readPage reads the page after an item, or the first one
 */
export async function* pageThrough<Item extends { readonly id: string }>(
  readPage: (startingAfter: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, void> {
  let last: string | undefined;
  for (;;) {
    const { data, has_more } = await readPage(last);
    yield* data;
    last = data.at(-1)?.id;
    if (!has_more || last === undefined) return;
  }
}
