import type { StockMessage } from "../../api/contract/stock-stream.ts";

/**
 * `live`: what is told is what is. `reconnecting`: the stream was lost and is being opened again, so what was told
 * last may be old. `closed`: nothing more will be told.
 */
export type FollowState = "connecting" | "live" | "reconnecting" | "closed";

/** The part of the browsers' EventSource that is used here. */
interface StockSource {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export type StockSourceConstructor = new (url: string) => StockSource;

export interface StockListener {
  /** Told at once what the stock is, and then each time it changes. Never told what is older than what it was told. */
  readonly onStock: (stock: StockMessage) => void;
  readonly onState?: ((state: FollowState) => void) | undefined;
}

export interface StockFollower {
  /** Ends the stream. Nothing is told afterwards but that it is closed. */
  close(): void;
}

/** EventSource's own number for a stream that it will not open again by itself. */
const givenUp = 2;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/**
 * Follows streams one after the other: a browser opens a lost stream again by itself, but gives up when the service
 * answers with a problem, as one that is starting does. Then it is opened anew, after a growing wait.
 *
 * @param url the stream's whole address
 */
export function followStream(
  url: string,
  listener: StockListener,
  Source: StockSourceConstructor,
): StockFollower {
  const newest = new Map<string, StockMessage>();
  let state: FollowState | null = null;
  let source: StockSource | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let failures = 0;

  const enter = (next: FollowState) => {
    if (state === next || state === "closed") return;
    state = next;
    listener.onState?.(next);
  };
  const open = () => {
    timer = null;
    const opened = new Source(url);
    source = opened;
    // What a source that was replaced still says is not heard.
    const hear = (type: string, react: (data: unknown) => void) =>
      opened.addEventListener(type, ({ data }) => source === opened && react(data));
    hear("open", () => {
      failures = 0;
      enter("live");
    });
    hear("stock", (data) => {
      const stock = readStock(data);
      if (stock === null || isOlder(stock, newest.get(stock.event_id))) return;
      newest.set(stock.event_id, stock);
      listener.onStock(stock);
    });
    hear("error", () => {
      enter("reconnecting");
      if (opened.readyState === givenUp && source === opened && timer === null) openLater();
    });
  };
  const openLater = () => {
    source?.close();
    source = null;
    failures += 1;
    const stepMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
    timer = setTimeout(open, stepMs * (0.5 + Math.random() / 2));
  };

  enter("connecting");
  open();
  return {
    close: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      source?.close();
      source = null;
      enter("closed");
    },
  };
}

/** The version rises with every change; what only time has changed keeps it. */
function isOlder(stock: StockMessage, known: StockMessage | undefined): boolean {
  if (known === undefined) return false;
  if (stock.version !== known.version) return stock.version < known.version;
  return Date.parse(stock.at) < Date.parse(known.at);
}

function readStock(data: unknown): StockMessage | null {
  if (typeof data !== "string") return null;
  let stock: unknown;
  try {
    stock = JSON.parse(data);
  } catch {
    return null;
  }
  return isStock(stock) ? stock : null;
}

function isStock(value: unknown): value is StockMessage {
  if (typeof value !== "object" || value === null) return false;
  return "event_id" in value && "version" in value && typeof value.version === "number" && "at" in value;
}
