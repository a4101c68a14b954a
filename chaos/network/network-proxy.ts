/** What is done to the bytes that pass, from now on or to the connections that are open. */
export type Disturbance =
  /** Every chunk waits so long, in both directions. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Chunks are cut into pieces of a few bytes, each sent by itself. */
  | { readonly kind: "slice"; readonly bytesMax: number }
  /** Open connections stay, and nothing passes any more, ever; new ones are as silent while it lasts. */
  | { readonly kind: "black_hole" }
  /** New connections are refused, open ones are reset. */
  | { readonly kind: "cut" };

/** A reply that did not come through. */
export interface LostReply {
  readonly detail: string;
}

/** Towards the server, or back. */
export type Direction = "request" | "reply";

/** A TCP proxy that can disturb what passes. */
export interface NetworkProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Where new connections lead. */
  setTarget(port: number): void;
  /** Applies to everything until `calm`. */
  disturb(disturbance: Disturbance): void;
  calm(): void;
  /** Resets so many open connections, with whatever is under way on them. @returns how many there were */
  reset(count: number): number;
  /**
   * Drops the next reply that begins after this on any connection, whole, and resets that connection: what was asked for
   * has been done, and nobody hears of it.
   *
   * @param isLost tells from a chunk that comes from the server whether it is the one
   * @returns null when none came within the limit
   */
  loseReply(isLost: (chunk: Buffer) => boolean, limitMs: number): Promise<LostReply | null>;
  /**
   * Lets only the first bytes of the next chunk in a direction through, and resets its connection: its client is gone in
   * the middle of a sentence.
   *
   * @param part of the chunk that passes, from 0 to below 1
   * @returns null when nothing passed in that direction within the limit
   */
  cutWithin(direction: Direction, part: number, limitMs: number): Promise<LostReply | null>;
  close(): Promise<void>;
}
