import { z } from "zod";
import { buyerTokenReply } from "./access.ts";
import { emailAddress } from "./orders.ts";
import { instant, printableText, uuid } from "./values.ts";

const requestId = printableText(255).describe(
  "Stands for this one sign-up: sending it again makes no second customer and sends no second SMS.",
);

const newCustomer = z.strictObject({
  first_name: printableText(100),
  last_name: printableText(100),
  email: emailAddress,
  phone_number: printableText(50).describe(
    "In international form, such as `+1 415 555 0132`, and of a phone that can receive an SMS.",
  ),
});

export const createCustomerBody = z.strictObject({ request_id: requestId, customer: newCustomer });

export const verificationState = z.strictObject({
  status: z
    .enum(["pending", "verified", "expired", "exhausted"])
    .describe(
      "Of the code that was sent last. `pending`: it can be tried. `verified`: it was right. `expired`: its deadline has passed. `exhausted`: it was tried too often. After the last two, only a new code helps.",
    ),
  expires_at: instant.describe("The code's deadline."),
  attempts_left: z.int().min(0).describe("How many wrong codes may still be tried."),
});

const customerReply = z.strictObject({
  id: uuid,
  first_name: z.string(),
  last_name: z.string(),
  email: z.string(),
  phone_number: z.string().describe("In E.164, such as `+14155550132`."),
  created_at: instant,
});

export const customerWithVerificationReply = z.strictObject({
  customer: customerReply,
  verification: verificationState,
});

export const verificationReply = z.strictObject({ verification: verificationState });

export const verifyCustomerBody = z.strictObject({
  verification_code: z.string().regex(/^[0-9]{6}$/, "must be 6 digits"),
});

export const verifyCustomerReply = z.strictObject({
  result: z
    .enum(["verified", "incorrect", "expired", "max_attempts_reached"])
    .describe(
      "`verified`: the phone is the customer's. `incorrect`: try again, while `attempts_left` allows. `expired`: the code's deadline has passed, a newer one was sent, or it was used already. `max_attempts_reached`: no code is looked at any more until a new one was asked for.",
    ),
  attempts_left: z.int().min(0),
  buyer_token: buyerTokenReply.shape.buyer_token.optional(),
  user_id: z
    .string()
    .optional()
    .describe("Whom the token acts for: the customer, or the one that had verified this phone before."),
  expires_at: instant.optional().describe("When the token ends."),
});

export type CustomerWithVerificationReply = z.infer<typeof customerWithVerificationReply>;
export type VerificationState = z.infer<typeof verificationState>;
export type VerifyCustomerReply = z.infer<typeof verifyCustomerReply>;
