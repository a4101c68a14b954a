/** What a receipt says, before it is put as text or as a page. Nothing in it is escaped. */
export interface ReceiptContent {
  readonly heading: string;
  /** One sentence for each paragraph. */
  readonly paragraphs: readonly string[];
  readonly orderId: string;
  readonly when: { readonly label: string; readonly text: string };
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly amount: string }[];
  readonly total: { readonly label: string; readonly amount: string };
  /** The order's page in the shop; null when nobody knows where buyers find it. */
  readonly link: string | null;
}
