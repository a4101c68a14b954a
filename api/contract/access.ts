import { z } from "zod";
import { instant, printableText, userId, uuid } from "./values.ts";

export const keyRole = z.enum(["admin", "service", "observer"]);

export const createApiKeyBody = z.strictObject({ name: printableText(100), role: keyRole });

export const apiKeyReply = z.strictObject({
  id: uuid,
  name: z.string(),
  role: keyRole,
  created_at: instant,
});

/** The only answer that ever carries the key itself. */
export const createdApiKeyReply = apiKeyReply.extend({ key: z.string() });

/** Without a user id, which only the demo allows, the token is for a fresh guest. */
export const createBuyerTokenBody = z.strictObject({ user_id: userId.optional() });

export const buyerTokenReply = z.strictObject({
  buyer_token: z.string(),
  user_id: z.string(),
  expires_at: instant,
});
