import { plainArray, textArray } from "./array-literals.ts";
import { reservationColumns, type ReservationRow } from "./reservations.ts";
import type { Statement } from "./statement.ts";

/** The constraint that lets each verified phone have one active reservation for an event. */
export const oneReservationPerPhone = "reservations_one_per_phone";

/** Asks who has an event's tickets under a phone: one that is known, or that of a customer. */
export interface PhoneAsked {
  readonly eventId: string;
  /** Null when the phone is known. A malformed id fails the statement. */
  readonly customerId: string | null;
  readonly phone: string | null;
}

/**
 * The phones of those of these customers who are verified. A sign-up that leads to somebody else's account has none.
 *
 * @param customerIds each of them a UUID: a malformed one fails the statement
 */
export function selectVerifiedPhones(
  customerIds: readonly string[],
): Statement<{ id: string; phone_number: string }> {
  return {
    name: "select-verified-phones",
    text: `select found.* from unnest($1::uuid[]) as asked (id)
      cross join lateral (
        select id, phone_number from customers where id = asked.id and account_id = asked.id limit 1
      ) as found`,
    values: [plainArray(customerIds)],
  };
}

/** The active reservations under these phones, whoever has them, each of one event. */
export function selectActiveByPhone(asked: readonly PhoneAsked[]): Statement<ReservationRow> {
  return {
    name: "select-active-by-phone",
    // The phone is looked up here, so that nobody has to wait for it before asking who has it. The offset keeps that
    // look-up apart from the next one, which then goes by index.
    text: `select found.* from unnest($1::uuid[], $2::uuid[], $3::text[]) as asked (event_id, customer_id, phone)
      cross join lateral (
        select coalesce(asked.phone, (
          select phone_number from customers where id = asked.customer_id and account_id = asked.customer_id limit 1
        )) as phone offset 0
      ) as known
      cross join lateral (
        select ${reservationColumns.join(", ")} from reservations
        where event_id = asked.event_id and verified_phone = known.phone and status in ('held', 'confirmed')
        limit 1
      ) as found`,
    values: [
      plainArray(asked.map((each) => each.eventId)),
      textArray(asked.map((each) => each.customerId)),
      textArray(asked.map((each) => each.phone)),
    ],
  };
}
