import { z } from "zod";
import { instant, printableText, userId, uuid } from "./values.ts";

const keyRole = z.enum(["admin", "service", "observer"]);

export const createApiKeyBody = z.strictObject({ name: printableText(100), role: keyRole });

export const apiKeyReply = z.strictObject({
  id: uuid,
  name: z.string(),
  role: keyRole,
  created_at: instant,
});

/** The only answer that ever carries the key itself. */
export const createdApiKeyReply = apiKeyReply.extend({
  key: z.string().describe("The key itself, shown this once."),
});

/** Without a user id, which only the demo allows, the token is for a fresh guest. */
export const createBuyerTokenBody = z.strictObject({ user_id: userId.optional() });

export const buyerTokenReply = z.strictObject({
  buyer_token: z.string().describe("Send it as the bearer token of the buyer's own calls."),
  user_id: z.string(),
  expires_at: instant,
});
