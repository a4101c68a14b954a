/** When something happened: not before, and not after. By the database's clock, where nothing else is said. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export function isWithin({ fromMs, toMs }: Window, atMs: number): boolean {
  return fromMs <= atMs && atMs <= toMs;
}
