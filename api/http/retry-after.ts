import { z } from "zod";
import type { Reply } from "./reply.ts";

const passingRefusal = z.looseObject({ allowed_at: z.iso.datetime() });

/** The value of a Retry-After header: at least one second, and never too few. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((atMs - nowMs) / 1000));
}

/**
 * Completes a refusal that was kept under an idempotency key: a reply is kept without its headers, and by now fewer
 * seconds are left than at first.
 *
 * @param nowMs database time
 */
export function withTimeLeft(reply: Reply, nowMs: number): Reply {
  if (reply.status !== 429 || reply.headers.includes("Retry-After")) return reply;
  const refusal = passingRefusal.safeParse(JSON.parse(reply.body));
  if (!refusal.success) return reply;
  const seconds = secondsUntil(Date.parse(refusal.data.allowed_at), nowMs);
  return { ...reply, headers: [...reply.headers, "Retry-After", String(seconds)] };
}
