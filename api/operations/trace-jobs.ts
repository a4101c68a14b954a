import type { Restocks, Verifications } from "../contract/job-lists.ts";
import { presentInstant, presentOptionalInstant } from "../http/present.ts";
import type { Database } from "../store/open-database.ts";
import { selectRestockHistory } from "../store/restock-histories.ts";
import { type CustomerHistory, selectVerificationHistories } from "../store/verification-histories.ts";
import { maskPhone } from "./mask-phone.ts";

const limits = { customersMax: 20, verificationsMax: 20 } as const;
const restocksMax = 50;

/** What became of the codes of a customer, or of all who signed up with a phone. Tells no code. */
export async function traceVerifications(
  database: Database,
  sought: Parameters<typeof selectVerificationHistories>[1],
): Promise<Verifications> {
  const customers = await selectVerificationHistories(database, sought, limits);
  return { data: customers.map(presentCustomer) };
}

function presentCustomer(customer: CustomerHistory): Verifications["data"][number] {
  return {
    customer_id: customer.customerId,
    phone_number: maskPhone(customer.phoneNumber),
    created_at: presentInstant(customer.createdAtMs),
    verified_at: presentOptionalInstant(customer.verifiedAtMs),
    account_id: customer.accountId,
    verifications: customer.verifications.map((verification) => ({
      id: verification.id,
      status: verification.status,
      phone_number: maskPhone(verification.phoneNumber),
      created_at: presentInstant(verification.createdAtMs),
      expires_at: presentInstant(verification.expiresAtMs),
      ended_at: presentOptionalInstant(verification.endedAtMs),
      sms_sent_at: presentOptionalInstant(verification.smsSentAtMs),
      sms_error: verification.smsError,
      wrong_attempts_at: verification.wrongAttemptsAtMs.map(presentInstant),
      attempts_max: verification.attemptsMax,
      job_state: verification.jobState,
    })),
  };
}

/** An event's rule for restocking, and every order that came of it. */
export async function traceRestocks(database: Database, eventId: string): Promise<Restocks> {
  const found = await selectRestockHistory(database, eventId, restocksMax);
  if (found === null) return { event: null, data: [] };
  const { event, orders } = found;
  return {
    event: {
      id: event.id,
      name: event.name,
      rule:
        event.rule === null
          ? null
          : {
              threshold: event.rule.threshold,
              quantity: event.rule.quantity,
              supplier: supplierOf(event.rule.supplier_url),
            },
      is_held_back: event.isHeldBack,
      open_order_id: event.openOrderId,
    },
    data: orders.map((order) => ({
      id: order.id,
      status: order.status,
      quantity: order.quantity,
      supplier: supplierOf(order.supplierUrl),
      attempts: order.attempts,
      last_error: order.lastError,
      supplier_reference: order.supplierReference,
      created_at: presentInstant(order.createdAtMs),
      placed_at: presentOptionalInstant(order.placedAtMs),
      delivered_at: presentOptionalInstant(order.deliveredAtMs),
      closed_at: presentOptionalInstant(order.closedAtMs),
      job_state: order.jobState,
    })),
  };
}

/** A supplier as people know it. */
function supplierOf(url: string): string {
  return url === "demo:" ? "the demo's supplier" : hostOf(url);
}

/** Paths and queries of suppliers' addresses may hold secrets. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || url.split(":", 1)[0] + ":" : "an address that is not valid";
}
