import type { CustomerView } from "../../domain/customer.ts";
import { selectCustomer } from "../../store/customers.ts";
import type { Database } from "../../store/open-database.ts";
import { type CustomerCaller, maySee } from "./may-act-for.ts";

/** Reads a customer. @returns null when there is none, or when it is none of the caller's business */
export async function findCustomer(
  { database }: { readonly database: Database },
  customerId: string,
  caller: CustomerCaller,
): Promise<CustomerView | null> {
  const view = await selectCustomer(database, customerId);
  return view === null || !maySee(caller, view.customer) ? null : view;
}
