import type { Customer } from "../../domain/customer.ts";

/** Who asks about a customer: the shop, a buyer, or anybody where sign-up is public. */
export type CustomerCaller =
  | { readonly kind: "shop" }
  | { readonly kind: "buyer"; readonly userId: string }
  | { readonly kind: "anyone" };

/** Whether a caller may try a customer's codes and ask for new ones: knowing the code is what proves who somebody is. */
export function mayActFor(caller: CustomerCaller, customer: Pick<Customer, "id" | "accountId">): boolean {
  switch (caller.kind) {
    case "shop":
    case "anyone":
      return true;
    case "buyer":
      return isOwn(caller.userId, customer);
  }
}

/** Whether a caller may read who a customer is. Once a phone is verified, strangers have no business with it. */
export function maySee(
  caller: CustomerCaller,
  customer: Pick<Customer, "id" | "accountId" | "verifiedAtMs">,
): boolean {
  switch (caller.kind) {
    case "shop":
      return true;
    case "buyer":
      return isOwn(caller.userId, customer);
    case "anyone":
      return customer.verifiedAtMs === null;
  }
}

function isOwn(userId: string, { id, accountId }: Pick<Customer, "id" | "accountId">): boolean {
  return userId === id || userId === accountId;
}
