import type { OutcomeCounts } from "../desk/count-outcomes.ts";
import type { Desk } from "../desk/desk.ts";
import type { Gate } from "../desk/gate.ts";
import type { DatabaseClock } from "../kernel/clock.ts";
import type { PaymentProviders } from "../providers/payment/open-payment-providers.ts";
import type { ReadStripeWebhook } from "../providers/payment/read-stripe-webhook.ts";
import type { JobStatements } from "../store/job-queue.ts";
import type { Database } from "../store/open-database.ts";
import type { KeyAuthenticator } from "./access/authenticate-key.ts";
import type { BuyerTokens } from "./access/buyer-tokens.ts";
import type { SharedSignUps } from "./customers/share-sign-ups.ts";
import type { VerificationTerms } from "./customers/verification-context.ts";
import type { EventLocator } from "./reservations/locate-event.ts";
import type { CartLooks } from "./submit-for-cart.ts";

/** What the features work with, made once by the composition root. Each feature asks for its own part of it. */
export interface FeatureContext {
  readonly database: Database;
  readonly desk: Desk;
  readonly gate: Gate;
  /** Counts what the desk never sees. */
  readonly outcomes: OutcomeCounts;
  readonly clock: DatabaseClock;
  readonly events: EventLocator;
  readonly keys: KeyAuthenticator;
  readonly buyerTokens: BuyerTokens;
  readonly cartLooks: CartLooks;
  readonly payments: PaymentProviders;
  /** How long a payment keeps its tickets at least, counted from its beginning. */
  readonly paymentGraceMs: number;
  /** Null where Stripe's messages are not listened to. */
  readonly readStripeWebhook: ReadStripeWebhook | null;
  /** Suppliers and webhooks may be on loopback, private or link-local addresses. */
  readonly allowPrivateAddresses: boolean;
  readonly verification: VerificationTerms;
  readonly sharedSignUps: SharedSignUps;
  /** Lets anyone sign up as a customer, and be sent a code. */
  readonly publicSignup: boolean;
  /** Adds durable jobs in transactions that do not go by the desk. */
  readonly jobStatements: JobStatements;
  /** Lets anyone get a token for a fresh guest. */
  readonly demo: boolean;
}
