import type { z } from "zod";
import type { webhookDeliveryReply, webhookEndpointReply } from "../contract/webhook-endpoints.ts";
import type { NoticeType } from "../domain/webhook-notices.ts";
import { presentInstant, presentOptionalInstant } from "./present.ts";

/** An endpoint as clients see it, without its secrets. */
export function presentEndpoint(endpoint: {
  readonly id: string;
  readonly url: string;
  readonly eventTypes: readonly NoticeType[];
  readonly disabledReason: string | null;
  readonly createdAtMs: number;
}): z.infer<typeof webhookEndpointReply> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    event_types: [...endpoint.eventTypes],
    status: endpoint.disabledReason === null ? "enabled" : "disabled",
    disabled_reason: endpoint.disabledReason,
    created_at: presentInstant(endpoint.createdAtMs),
  };
}

/** A delivery as clients see it. */
export function presentDelivery(delivery: {
  readonly id: number;
  readonly messageId: string;
  readonly type: NoticeType;
  readonly subjectId: string;
  readonly status: "pending" | "delivered" | "failed";
  readonly attempts: number;
  readonly nextTryAtMs: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  readonly payload: string;
}): z.infer<typeof webhookDeliveryReply> {
  return {
    id: String(delivery.id),
    message_id: delivery.messageId,
    type: delivery.type,
    subject_id: delivery.subjectId,
    status: delivery.status,
    attempts: delivery.attempts,
    next_try_at: delivery.status === "pending" ? presentInstant(delivery.nextTryAtMs) : null,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: presentInstant(delivery.createdAtMs),
    ended_at: presentOptionalInstant(delivery.endedAtMs),
    payload: delivery.payload,
  };
}
