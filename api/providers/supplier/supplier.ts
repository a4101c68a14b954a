/** What is ordered. */
export interface SupplierOrder {
  /** However often an order is placed under one key, the supplier delivers once. */
  readonly key: string;
  readonly eventId: string;
  readonly quantity: number;
}

/** What a supplier says to an order. `accepted`: it will deliver later, and report that. */
export type SupplierAnswer =
  | { readonly kind: "accepted"; readonly reference: string | null }
  | { readonly kind: "delivered"; readonly quantity: number; readonly reference: string | null };

/** Where more tickets come from. */
export interface Supplier {
  /**
   * Places an order, or asks again what came of it.
   *
   * @param url of the supplier, as the event's rule names it
   * @param signal ends the wait, which does not undo what was asked
   * @throws ProviderFailure when there was no usable answer: `never` when the order was refused for good
   */
  place(order: SupplierOrder, url: string, signal: AbortSignal): Promise<SupplierAnswer>;
}
