import type { CreateEventBody } from "../../contract/events.ts";
import type { InvalidValue } from "../../contract/problems.ts";
import { checkDestination } from "../../providers/outside/check-destination.ts";

const details = {
  private: "must not lead to a loopback, private or link-local address",
  unresolvable: "must name a host that can be found",
  redirects_inside: "must not redirect to a loopback, private or link-local address",
} as const;

/**
 * Tells whether the supplier of a refill rule may be called: whoever names an address to us must not reach our own
 * network through us.
 *
 * @param restock of a request's body; nothing is wrong with none
 * @returns what is wrong with it; null when nothing is
 */
export async function checkSupplier(
  { allowPrivateAddresses }: { allowPrivateAddresses: boolean },
  restock: CreateEventBody["restock"] | undefined,
): Promise<InvalidValue | null> {
  if (restock === null || restock === undefined || restock.supplier_url === "demo:") return null;
  const fault = await checkDestination(restock.supplier_url, { allowPrivate: allowPrivateAddresses });
  return fault === null ? null : { pointer: "/restock/supplier_url", detail: details[fault] };
}
