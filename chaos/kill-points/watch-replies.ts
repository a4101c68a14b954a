import { ServerResponse } from "node:http";
import type { PassedPoints, Place } from "./passed-points.ts";

const changing = new Set(["POST", "PUT", "PATCH", "DELETE"]);

type End = (this: ServerResponse, ...parameters: unknown[]) => ServerResponse;

/**
 * Has a point passed before the answer to a changing request is written, and after it has been handed to the operating
 * system. What is refused has points of its own.
 *
 * @param placeOf where the last commit was made
 */
export function watchReplies(points: PassedPoints, placeOf: () => Place): void {
  const reply = { before: points.named("before reply"), after: points.named("after reply") };
  const refusal = { before: points.named("before refusal"), after: points.named("after refusal") };
  const prototype = ServerResponse.prototype as unknown as { end: End };
  const { end } = prototype;
  prototype.end = function (...parameters) {
    if (!changing.has(this.req.method ?? "")) return end.apply(this, parameters);
    const { before, after } = this.statusCode < 300 ? reply : refusal;
    points.pass(before, placeOf);
    const ended = end.apply(this, parameters);
    points.pass(after, placeOf);
    return ended;
  };
}
