import type { LoadPlan, ReceivedHolds } from "../load/load-plan.ts";

/** What the process of the followers is told. */
export type FollowerRequest =
  /** Opens streams on the plan's event. */
  | { readonly kind: "open"; readonly plan: LoadPlan; readonly streams: number }
  /** Makes one hold, and waits until every stream has told it. */
  | { readonly kind: "update" }
  | { readonly kind: "close" };

export type FollowerReply =
  | { readonly kind: "opened"; readonly openMs: number }
  | { readonly kind: "updated"; readonly update: Update }
  | { readonly kind: "closed"; readonly received: ReceivedHolds; readonly messages: number }
  | { readonly kind: "failed"; readonly message: string };

/** Times of one update, each since the hold was sent. */
export interface Update {
  /** Until its answer had come. */
  readonly answeredMs: number;
  readonly firstClientMs: number;
  readonly lastClientMs: number;
}
