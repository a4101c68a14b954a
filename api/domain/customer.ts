import type { Verification } from "./verification.ts";

/** Somebody who signed up. Several customers may have one phone; those who verified it share one account. */
export interface Customer {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** In E.164. */
  readonly phoneNumber: string;
  readonly createdAtMs: number;
  /** When the customer first verified the phone; null before. */
  readonly verifiedAtMs: number | null;
  /** The customer that the phone's account is, once the phone is verified. */
  readonly accountId: string | null;
}

/** A customer as they are at one moment. */
export interface CustomerView {
  readonly customer: Customer;
  /** That of the code that was made last. */
  readonly verification: Verification;
  /** Database time, by which the deadline is judged. */
  readonly nowMs: number;
}
