/** When something happened, by the database's clock: not before, and not after. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export function isWithin({ fromMs, toMs }: Window, atMs: number): boolean {
  return fromMs <= atMs && atMs <= toMs;
}
