import { z } from "zod";

/** The most calls in one message, and so the most that a worker has waiting. */
export const quotaCallsMax = 10_000;

/** No id of a user and no address is longer. */
export const clientCharactersMax = 300;

const batchId = z.int().min(0);

/** A worker asks its supervisor about the requests of one turn of its event loop. */
export const quotaRequest = z.strictObject({
  kind: z.literal("quota_request"),
  id: batchId,
  calls: z
    .array(
      z.strictObject({
        policy: z.enum(["anonymous", "buyer", "signup"]),
        client: z.string().max(clientCharactersMax),
      }),
    )
    .min(1)
    .max(quotaCallsMax),
});

/** The answer to the request of the same id, with one use for each call, in their order. */
export const quotaReply = z.strictObject({
  kind: z.literal("quota_reply"),
  id: batchId,
  uses: z
    .array(z.strictObject({ remaining: z.int().min(0), resetMs: z.number().min(0), refused: z.boolean() }))
    .max(quotaCallsMax),
});

export type QuotaRequest = z.infer<typeof quotaRequest>;
export type QuotaReply = z.infer<typeof quotaReply>;
