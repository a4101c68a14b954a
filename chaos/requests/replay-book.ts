import { createHash } from "node:crypto";
import type { Called } from "./judge-reply.ts";
import type { Reply } from "./parse-reply.ts";

/** Older requests are forgotten, or a long run would need ever more memory itself. */
const rememberedMax = 50_000;

/** Calls of which every success is a new thing, with an id of its own. */
const makers: ReadonlySet<string> = new Set([
  "hold_tickets",
  "create_event",
  "create_api_key",
  "create_webhook_endpoint",
  "check_out_cart",
]);

/** A request as far as its idempotency key goes. */
export interface KeyedRequest {
  /** Tells this caller from all others. */
  readonly caller: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly key: string | null;
}

/** Remembers what successes told, so that a key never gives anybody another reply than its own. */
export class ReplayBook {
  /** The reply's digest by the request's. */
  readonly #replies = new Map<string, string>();
  /** The request's digest by what it made. */
  readonly #makers = new Map<string, string>();
  #replays = 0;

  /** How many replies were given again. */
  get replays(): number {
    return this.#replays;
  }

  /** @returns what is wrong with the reply, in view of those before it; null for nothing */
  compare(called: Called, request: KeyedRequest, reply: Reply, value: unknown): string | null {
    if (called.kind !== "operation" || request.method !== "POST") return null;
    const isReplay = reply.headers.get("idempotent-replayed") === "true";
    if (isReplay) this.#replays += 1;
    if (isReplay && request.key === null) return "It replays a reply to a request without a key.";
    // What is refused before the books are asked is kept under no key.
    if (reply.status >= 300 && !isReplay) return null;
    const claim = request.key === null ? null : digest([request.caller, request.path, request.key]);
    if (claim !== null) {
      const told = digest([String(reply.status), reply.body]);
      const before = this.#replies.get(claim);
      if (before !== undefined && before !== told)
        return "The same key was answered with other bytes before.";
      remember(this.#replies, claim, told);
    }
    if (reply.status >= 300) return null;
    if (!makers.has(called.name)) return null;
    const id = typeof value === "object" && value !== null && "id" in value ? String(value.id) : "";
    const maker = this.#makers.get(id);
    if (maker !== undefined && (claim === null || maker !== claim))
      return `${id} was made by another request before.`;
    remember(this.#makers, id, claim ?? `without a key ${id}`);
    return null;
  }
}

function digest(parts: readonly string[]): string {
  return createHash("sha1").update(parts.join("\n")).digest("base64");
}

function remember(map: Map<string, string>, key: string, value: string): void {
  map.set(key, value);
  if (map.size <= rememberedMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
