/** What the reference says about a call beyond what its schemas tell. */
export interface OperationText {
  readonly tag:
    | "Reservations"
    | "Carts and orders"
    | "Customers"
    | "Events"
    | "Live stock"
    | "Webhooks"
    | "Access";
  /** One or more sentences, in Markdown. */
  readonly description: string;
  /** What success means. */
  readonly success: string;
  readonly body?: object;
  readonly reply?: object;
}
