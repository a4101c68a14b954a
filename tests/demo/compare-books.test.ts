import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import type { ReservationReply } from "../../api/contract/reservations.ts";
import { compareBooks, type Promises, type ServiceBooks } from "../../demo/compare-books.ts";
import type { Payment, Purchase } from "../../demo/sale-ledger.ts";

const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 12, 0, second)).toISOString();

/** What one buyer was told, and what the service then has. */
interface Buyer {
  readonly told: "held" | "unknown" | "refused";
  readonly payment: Payment;
  /** What really came of it, where the buyer was not told. */
  readonly happened: boolean;
  /** Whether a hold that was not paid has ended. */
  readonly ended: boolean;
}

const buyer: fc.Arbitrary<Buyer> = fc.record({
  told: fc.constantFrom("held" as const, "held" as const, "unknown" as const, "refused" as const),
  payment: fc.constantFrom<Payment>("not_sent", "confirmed", "refused", "unknown"),
  happened: fc.boolean(),
  ended: fc.boolean(),
});
const spare = fc.nat(3);

interface Case {
  readonly promises: Promises;
  readonly books: ServiceBooks;
}

function statusOf({ told, payment, happened, ended }: Buyer): ReservationReply["status"] | null {
  if (told === "refused" || (told === "unknown" && !happened)) return null;
  const isSold = told === "held" && (payment === "confirmed" || (payment === "unknown" && happened));
  return isSold ? "confirmed" : ended ? "expired" : "held";
}

function reservationOf(number: number, status: ReservationReply["status"]): ReservationReply {
  return {
    id: `id-${number}`,
    event_id: "event",
    user_id: `ours-${number}`,
    quantity: 1,
    status,
    expires_at: at(10),
    created_at: at(5),
    confirmed_at: status === "confirmed" ? at(6) : null,
    released_at: status === "expired" ? at(11) : null,
    cause: status === "expired" ? "deadline_passed" : null,
    cart_id: null,
  };
}

/** The books of a service that keeps its promises. */
function honestSale(buyers: readonly Buyer[], free: number): Case {
  const purchases = new Map<string, Purchase>();
  const reservations: ReservationReply[] = [];
  for (const [number, each] of buyers.entries()) {
    const status = statusOf(each);
    if (status !== null) reservations.push(reservationOf(number, status));
    if (each.told === "refused") continue;
    const reservationId = each.told === "held" ? `id-${number}` : null;
    const payment = each.told === "held" ? each.payment : "not_sent";
    purchases.set(`ours-${number}`, { buyerNumber: number, reservationId, payment });
  }
  const count = (status: string) => reservations.filter((each) => each.status === status).length;
  const [sold, held] = [count("confirmed"), count("held")];
  const capacity = sold + held + free;
  const event = eventOf({ capacity, sold, held, available: free });
  return {
    promises: {
      purchases,
      held: [...purchases.values()].filter(({ reservationId }) => reservationId !== null).length,
      confirmed: [...purchases.values()].filter(({ payment }) => payment === "confirmed").length,
      holdRefusals: new Map([["all_held", 1]]),
      isOurs: (userId) => userId.startsWith("ours-"),
      capacity,
    },
    books: { before: event, after: event, reservations, isComplete: true, total: reservations.length },
  };
}

function eventOf(stock: Pick<EventReply, "capacity" | "sold" | "held" | "available">): EventReply {
  return {
    id: "event",
    name: "Concert",
    version: 9,
    status: "on_sale",
    price_cents: 0,
    currency: "USD",
    hold_seconds: 5,
    max_quantity: 1,
    max_extensions: 1,
    sales_start_at: null,
    sales_end_at: null,
    requires_verified_phone: false,
    restock: null,
    created_at: at(0),
    ...stock,
  };
}

const complaintsOf = ({ promises, books }: Case) => compareBooks(promises, books).complaints;
const held: Buyer = { told: "held", payment: "not_sent", happened: true, ended: false };
const sold: Buyer = { ...held, payment: "confirmed" };
const ended: Buyer = { ...held, ended: true };
const refused: Buyer = { ...held, told: "refused" };

/** A sale of four buyers with something changed on the service's side. */
function saleWhere(change: (books: ServiceBooks) => Partial<ServiceBooks>): Case {
  const { promises, books } = honestSale([held, sold, ended, refused], 2);
  return { promises, books: { ...books, ...change(books) } };
}

const changed = (number: number, change: Partial<ReservationReply>) => (books: ServiceBooks) => ({
  reservations: books.reservations.map((each) =>
    each.user_id === `ours-${number}` ? { ...each, ...change } : each,
  ),
});
const counted = (change: Partial<EventReply>) => (books: ServiceBooks) => ({
  before: { ...books.before, ...change },
  after: { ...books.after, ...change },
});

describe("books that agree", () => {
  test("give no complaint, whatever the buyers did and were told", () => {
    fc.assert(
      fc.property(fc.array(buyer, { maxLength: 30 }), spare, (buyers, free) => {
        expect(complaintsOf(honestSale(buyers, free))).toEqual([]);
      }),
    );
  });

  test("tell how many holds ended unpaid", () => {
    const { promises, books } = honestSale([held, ended, ended, sold], 1);
    expect(compareBooks(promises, books).endedUnpaid).toBe(2);
  });

  test("may have reservations of buyers who were not sent from here", () => {
    const sale = saleWhere((books) => ({
      ...counted({ sold: 2, available: 1 })(books),
      reservations: [
        ...books.reservations,
        { ...reservationOf(9, "confirmed"), id: "id-x", user_id: "somebody" },
      ],
      total: 4,
    }));
    expect(compareBooks(sale.promises, sale.books)).toMatchObject({ complaints: [], others: 1 });
  });

  test("may change while they are read, as holds end", () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), (endedBefore, endedAfter) => {
        const holds = Array.from({ length: 6 }, (_, index) => (index < endedBefore ? ended : held));
        const { promises, books } = honestSale(holds, 0);
        const start = eventOf({ capacity: 6, sold: 0, held: 6, available: 0 });
        const left = 6 - endedBefore - Math.min(endedAfter, 6 - endedBefore);
        const end = { ...eventOf({ capacity: 6, sold: 0, held: left, available: 6 - left }), version: 10 };
        const sale = {
          promises: { ...promises, capacity: 6 },
          books: { ...books, before: start, after: end },
        };
        expect(complaintsOf(sale)).toEqual([]);
      }),
    );
  });
});

describe("a broken promise is found", () => {
  const broken: [what: string, sale: Case, complaint: RegExp][] = [
    [
      "an acknowledged hold that is not there",
      saleWhere(({ reservations, before }) => ({
        reservations: reservations.slice(1),
        total: 2,
        before: { ...before, held: 0, available: 3 },
        after: { ...before, held: 0, available: 3 },
      })),
      /id-0 of ours-0 was acknowledged and is not there/,
    ],
    [
      "a hold that is another one than was acknowledged",
      saleWhere(changed(0, { id: "id-other" })),
      /was given the reservation id-0 and has id-other/,
    ],
    [
      "an acknowledged sale that is still a hold",
      saleWhere(changed(1, { status: "held" })),
      /sale of id-1 was acknowledged, and it is held/,
    ],
    [
      "an acknowledged sale that was cancelled",
      saleWhere(changed(1, { status: "cancelled" })),
      /sale of id-1 was acknowledged, and it is cancelled/,
    ],
    ["a sale of which nobody was told", saleWhere(changed(0, { status: "confirmed" })), /nobody was told so/],
    [
      "a hold that ended before its deadline",
      saleWhere(changed(2, { released_at: at(9) })),
      /was ended at .*, before its deadline/,
    ],
    [
      "more tickets than were asked for",
      saleWhere(changed(0, { quantity: 2 })),
      /has 2 tickets instead of 1/,
    ],
    [
      "a reservation of a buyer who was refused",
      saleWhere(({ reservations }) => ({
        reservations: [...reservations, reservationOf(3, "expired")],
        total: 4,
      })),
      /ours-3 was refused and has the reservation id-3 all the same/,
    ],
    [
      "two reservations of one buyer",
      saleWhere(({ reservations }) => ({
        reservations: [...reservations, { ...reservationOf(2, "expired"), id: "id-2" }],
        total: 4,
      })),
      /ours-2 has two reservations/,
    ],
    [
      "stock that does not add up",
      saleWhere(counted({ available: 3 })),
      /1 sold \+ 1 held \+ 3 free are its 4 tickets/,
    ],
    ["stock below zero", saleWhere(counted({ available: -1, held: 4 })), /1 sold \+ 4 held \+ -1 free/],
    [
      "more sold than reservations say",
      saleWhere(counted({ sold: 2, available: 1 })),
      /says 2 sold, and its reservations add up to 1/,
    ],
    [
      "fewer sold than were acknowledged",
      saleWhere(counted({ sold: 0, available: 3 })),
      /1 sales were acknowledged, and the event says 0/,
    ],
    [
      "more held than reservations say",
      saleWhere(counted({ held: 2, available: 1 })),
      /says 2 held, and its reservations add up to 1/,
    ],
    [
      "fewer reservations than acknowledged, where they are too many to read",
      saleWhere(() => ({ isComplete: false, reservations: [], total: 2 })),
      /3 holds were acknowledged, and the service has 2/,
    ],
  ];
  test.each(broken)("%s", (_what, sale, complaint) => {
    expect(complaintsOf(sale)).toContainEqual(expect.stringMatching(complaint));
  });

  test("a payment that was refused and sold all the same", () => {
    const { promises, books } = honestSale([{ ...held, payment: "refused" }], 1);
    const [reservation] = books.reservations.map((each) => ({ ...each, status: "confirmed" as const }));
    const reservations = reservation === undefined ? [] : [reservation];
    const event = { ...books.after, sold: 1, held: 0 };
    expect(
      complaintsOf({ promises, books: { ...books, reservations, before: event, after: event } }),
    ).toEqual(["The reservation id-0 is confirmed, and nobody was told so."]);
  });

  test("counters that moved past what the reservations say while they were read", () => {
    const { promises, books } = honestSale([held, held, held], 0);
    const after = { ...books.after, held: 1, available: 2, version: 10 };
    const before = { ...books.before, held: 2, available: 1 };
    expect(complaintsOf({ promises, books: { ...books, before, after } })).toEqual([
      "The event says 1 held, and its reservations add up to 3.",
    ]);
  });

  test('"sold out" that was said while tickets were left', () => {
    const { promises, books } = honestSale([sold, sold], 1);
    const saidSoldOut = { ...promises, holdRefusals: new Map([["sold_out", 4]]) };
    expect(complaintsOf({ promises: saidSoldOut, books })).toEqual([
      'Buyers were told "sold out", and only 2 of 3 are sold.',
    ]);
    // With a capacity that was raised meanwhile, or buyers from elsewhere, it may have been true when it was said.
    expect(complaintsOf({ promises: { ...saidSoldOut, capacity: 2 }, books })).toEqual([]);
  });

  test("any single reservation that disappears, in any sale", () => {
    fc.assert(
      fc.property(fc.array(buyer, { maxLength: 12 }), spare, fc.nat(11), (buyers, free, index) => {
        const { promises, books } = honestSale([...buyers, sold], free);
        const lost = books.reservations[index % books.reservations.length];
        const others = books.reservations.filter((each) => each !== lost);
        const without = { ...books, reservations: others, total: others.length };
        // What was never acknowledged may be missing, but then it is missing in the counters as well.
        const counts = lost?.status === "held" || lost?.status === "confirmed";
        const wasAcknowledged = promises.purchases.get(lost?.user_id ?? "")?.reservationId !== null;
        fc.pre(counts || wasAcknowledged);
        expect(complaintsOf({ promises, books: without })).not.toEqual([]);
      }),
    );
  });
});
