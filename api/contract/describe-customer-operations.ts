import { customerExamples } from "./give-customer-examples.ts";
import type { OperationText } from "./operation-text.ts";

const whoMay =
  "Without a key this is possible where the shop has made sign-up public (`PUBLIC_SIGNUP`), and then limited by address; " +
  "elsewhere it is refused with 401.";

/** What the reference says about customers. */
export const customerOperationTexts = {
  create_customer: {
    tag: "Customers",
    description:
      "Makes a customer and sends a code of 6 digits by SMS to their phone. The phone must be named in international form; " +
      "numbers that cost more than others or receive no SMS are refused with `validation_failed`. `request_id` is scoped to the " +
      "caller: sending the same sign-up again answers with the same customer as it is now, and sends nothing.\n\n" +
      "The answer does not tell whether the phone is known. Whoever then sends the right code is led to the account that " +
      "belongs to the phone: the first customer who verified it. " +
      "One phone is sent 5 codes in an hour at most; `rate_limited` tells when the next is possible. " +
      whoMay,
    success: "The customer. The code is on its way.",
    body: customerExamples.create,
    reply: customerExamples.pending,
  },
  verify_customer: {
    tag: "Customers",
    description:
      "Tries a code. A right one answers with a buyer token of the account. How often a code may be tried and for how long " +
      "is kept in the database, so nothing that crashes gives back an attempt. A wrong code is an answer, not a " +
      "problem: look at `result`. After `expired` and `max_attempts_reached`, ask for a new code. " +
      whoMay,
    success: "What came of the code.",
    body: { verification_code: "271828" },
    reply: customerExamples.verified,
  },
  resend_code: {
    tag: "Customers",
    description:
      "Sends a new code. The one before it ends, whatever it was. A customer who is verified signs in again this way. " +
      "It is possible 30 seconds after the last code, and for one phone 5 times in an hour, sign-ups included; " +
      "`rate_limited` tells when. " +
      whoMay,
    success: "A new code is on its way.",
    reply: { verification: customerExamples.pending.verification },
  },
  find_customer: {
    tag: "Customers",
    description:
      "Tells who a customer is and how the verification of their phone stands; never the code. A buyer sees the customers of " +
      "their own account only, and without a token only customers who have never been verified can be seen; others are " +
      "answered as if they were missing. " +
      whoMay,
    success: "The customer.",
    reply: customerExamples.pending,
  },
} as const satisfies Readonly<Record<string, OperationText>>;
