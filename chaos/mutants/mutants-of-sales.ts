import type { Mutant } from "./mutant.ts";

/** Mistakes about carts, payments, codes and deliveries. */
export const mutantsOfSales: readonly Mutant[] = [
  {
    name: "cart-sold-in-part",
    mistake: "the last item of a paid cart is left unsold",
    edits: [
      {
        file: "api/domain/late-payment.ts",
        find: "    books.confirm(kept);",
        replace: "    if (order.items.length === 1 || item !== order.items.at(-1)) books.confirm(kept);",
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["lost", "one_effect", "conserved"],
  },
  {
    name: "charged-twice",
    mistake: "each attempt to charge a card has a key of its own",
    edits: [
      {
        file: "api/features/orders/settle-order.ts",
        find: "    key: order.id,",
        replace: "    key: `${order.id}-${performance.now()}`,",
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["one_effect", "unexpected"],
  },
  {
    name: "wrong-codes-not-counted",
    mistake: "a wrong code costs no attempt",
    edits: [
      {
        file: "api/features/customers/verify-customer.ts",
        find: "  if (verification !== newest) await updateVerification(",
        replace: `  if (verification !== newest && result !== "incorrect") await updateVerification(`,
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["lost", "one_effect"],
  },
  {
    name: "delivery-counted-twice",
    mistake: "a delivery that is reported again raises the capacity again",
    edits: [
      {
        file: "api/domain/decide-restock.ts",
        find: `  if (order.status === "delivered") return nowIs(books, event, order);`,
        replace: "",
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["one_effect"],
  },
  {
    name: "ownership-forgotten",
    mistake: "a buyer can confirm somebody else's hold",
    edits: [
      {
        file: "api/domain/decide-stock.ts",
        find: `  if (command.requester.role === "buyer" && reservation.userId !== command.requester.userId) return null;
`,
        replace: "",
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["lost"],
  },
];
