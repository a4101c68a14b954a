import { openReply, sealReply } from "../features/access/seal-reply.ts";
import type { IdempotentOutcome, RecordedReply } from "../kernel/idempotency.ts";

/** A reply with a secret in it, as it is put on record. */
export function sealed(reply: RecordedReply, secret: string): RecordedReply {
  return { status: reply.status, body: sealReply(reply.body, secret) };
}

/** An outcome whose reply was put on record sealed, as it is sent. */
export function opened(outcome: IdempotentOutcome, secret: string): IdempotentOutcome {
  if (outcome.kind !== "recorded") return outcome;
  const { status, body } = outcome.reply;
  return { ...outcome, reply: { status, body: openReply(body, secret) } };
}
