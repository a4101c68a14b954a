import { openReply, sealReply } from "../features/access/seal-reply.ts";
import type { IdempotentOutcome, RecordedReply } from "../kernel/idempotency.ts";

/** The reply as it is kept, so that only the client who asked for it can read the secret in it. */
export function sealed(reply: RecordedReply, secret: string): RecordedReply {
  return { status: reply.status, body: sealReply(reply.body, secret) };
}

/** The outcome with its reply as the client is to read it. */
export function opened(outcome: IdempotentOutcome, secret: string): IdempotentOutcome {
  if (outcome.kind !== "recorded") return outcome;
  const { status, body } = outcome.reply;
  return { ...outcome, reply: { status, body: openReply(body, secret) } };
}
