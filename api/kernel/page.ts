/** Which page of a list is asked for. At most one of the two cursors is set. */
export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** The page after this id. */
  readonly startingAfter: string | null;
  /** The page that ends just before this id. */
  readonly endingBefore: string | null;
}

export interface Page<Item> {
  readonly items: Item[];
  /** Whether there is more in the direction in which the caller pages. */
  readonly hasMore: boolean;
  /** How many items the whole list has. */
  readonly total: number;
}
