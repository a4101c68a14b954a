import type { PaymentProviders } from "../../providers/payment/open-payment-providers.ts";
import type { Database } from "../../store/open-database.ts";
import { markRefunded, selectOrder } from "../../store/orders.ts";

/** The longest that a provider is waited for. */
const answerMaxMs = 20_000;

/**
 * Returns the money of a refunded order, once: the provider knows the refund by its key. Doing it again is harmless,
 * and so is doing it for an order whose money is not to be returned.
 *
 * @param signal ends the wait for the provider
 * @throws when the provider did not take the refund, or that is not known, or the database is away; to be tried again
 */
export async function returnPayment(
  { database, payments }: { readonly database: Database; readonly payments: PaymentProviders },
  orderId: string,
  signal: AbortSignal,
): Promise<void> {
  const order = await selectOrder(database, orderId);
  if (order?.payment.status !== "refunding") return;
  const { provider: name, reference } = order.payment;
  const provider = payments.get(name);
  if (provider === undefined)
    throw new Error(`There is no payment provider "${name}" here, but order ${orderId} was paid with it.`);
  if (reference === null) throw new Error(`Order ${orderId} is to be refunded, but its payment has no name.`);
  await provider.refund(
    { key: `refund:${orderId}`, reference, amountCents: order.totalCents },
    AbortSignal.any([signal, AbortSignal.timeout(answerMaxMs)]),
  );
  await markRefunded(database, orderId);
}
