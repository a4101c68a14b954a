import { need } from "./broken-run.ts";
import type { BrokenRun } from "./broken-run.ts";
import { toWay, type Way } from "./ways-to-break.ts";

export const waysToRepeat: readonly Way[] = [
  ["a repetition is answered with another status", (run: BrokenRun) => (replay(run).status = 200)],
  [
    "a repetition is answered with other bytes",
    (run: BrokenRun) => run.answer(replay(run), { quantity: 2, extra: 1 }),
  ],
  [
    "a refusal is answered otherwise when it is repeated",
    (run: BrokenRun) => {
      const entry = run.entry("fail", "hold", ({ attempt }) => attempt > 1);
      run.answer(entry, { request_id: "another" });
    },
  ],
  [
    "one call has made two rows",
    (run: BrokenRun) => {
      const { createdAtMs } = run.reservation("bob");
      run.copy(run.books.reservations, run.reservation("bob"), { id: "new", createdAtMs: createdAtMs + 1 });
    },
  ],
  [
    "a reservation is acknowledged to two",
    (run: BrokenRun) => {
      const entry = run.entry("ok", "hold", ({ user }) => user === "bob");
      entry.body = run.entry("ok", "hold", ({ user }) => user === "ann").body;
    },
  ],
  [
    "a hold is acknowledged that was made before it was asked for",
    (run: BrokenRun) => {
      run.reservation("cid").createdAtMs -= 1_800;
    },
  ],
  [
    "a hold was extended twice at one request",
    (run: BrokenRun) => {
      const row = run.reservation("ann");
      row.extendedAtMs = [...row.extendedAtMs, need(row.extendedAtMs[0])];
      row.expiresAtMs += 1_000;
    },
  ],
  [
    "an item of a cart was made anew without being asked for",
    (run: BrokenRun) => {
      const row = run.reservationOf("cart-eve");
      run.copy(run.books.reservations, row, {
        id: "new",
        createdAtMs: row.createdAtMs,
        releasedAtMs: row.createdAtMs,
      });
    },
  ],
  ["a code counts twice", (run: BrokenRun) => (need(run.books.verifications[0]).wrongAttempts = 3)],
  [
    "a delivery counts twice",
    (run: BrokenRun) => {
      run.event("small").capacity += 5;
      run.event("small").available += 5;
    },
  ],
  [
    "a cart has two orders",
    (run: BrokenRun) => run.copy(run.books.orders, run.order("order-fay"), { id: "new" }),
  ],
  [
    "a paid order was not charged",
    (run: BrokenRun) => run.remove("payments", ({ key }) => key === run.id("order-fay")),
  ],
  ["a paid order was given back as well", (run: BrokenRun) => (run.payment("order-fay").refundedCents = 100)],
  ["another amount was charged", (run: BrokenRun) => (run.payment("order-fay").amountCents += 1)],
  ["a declined order was charged", (run: BrokenRun) => (run.payment("order-eve").status = "succeeded")],
  [
    "a declined order is charged later",
    (run: BrokenRun) =>
      Object.assign(run.payment("order-eve"), { status: "processing", succeedsAtMs: run.books.readAtMs - 1 }),
  ],
  ["a refunded order was not given back", (run: BrokenRun) => (run.payment("order-dan").refundedCents = 0)],
  [
    "a sign-up is acknowledged to two request ids",
    (run: BrokenRun) => {
      const [invoke, ok] = [run.entry("invoke", "sign_up"), run.entry("ok", "sign_up")];
      const asked = JSON.parse(invoke.body ?? "{}") as object;
      run.add({
        ...invoke,
        call: 900,
        t_mono: 7_000,
        key: "key-900",
        body: JSON.stringify({ ...asked, request_id: "other" }),
      });
      run.add({ ...ok, call: 900, t_mono: 7_010, key: "key-900" });
    },
  ],
].map(toWay("one_effect"));

export const waysToRefuse: readonly Way[] = [
  [
    "a refused hold is there",
    (run: BrokenRun) =>
      run.refuse(
        run.entry("ok", "hold", ({ user }) => user === "gil"),
        "sales_paused",
      ),
  ],
  [
    "a refused confirmation is there",
    (run: BrokenRun) =>
      run.refuse(
        run.entry("ok", "confirm", ({ user }) => user === "gil"),
        "payment_required",
      ),
  ],
  ["a refused cancellation is there", (run: BrokenRun) => run.refuse(run.entry("ok", "cancel"), "forbidden")],
  [
    "a refused checkout is there",
    (run: BrokenRun) =>
      run.refuse(
        run.entry("ok", "check_out", ({ user }) => user === "eve"),
        "cart_empty",
      ),
  ],
  [
    "a refused sign-up is there",
    (run: BrokenRun) => run.refuse(run.entry("ok", "sign_up"), "validation_failed"),
  ],
  [
    "a refused delivery is there",
    (run: BrokenRun) => run.refuse(run.entry("ok", "deliver"), "restock_order_closed"),
  ],
  [
    "a refused item is there",
    (run: BrokenRun) =>
      run.refuse(
        run.entry("ok", "put_item", ({ user }) => user === "eve"),
        "cart_full",
      ),
  ],
  [
    "sold out is said while tickets are only held",
    (run: BrokenRun) => {
      const refused = run.entry("fail", "hold", ({ user, t_mono }) => user === "cid" && t_mono < 1_800);
      run.answer(refused, { code: "sold_out" });
      run.entries = run.entries.filter(
        (entry) => !("call" in entry && entry.call === refused.call && entry.attempt > 1),
      );
    },
  ],
  [
    "sold out is said while tickets are free",
    (run: BrokenRun) => refuseNew(run, "large", { code: "sold_out" }),
  ],
  [
    "all held is said while tickets are free",
    (run: BrokenRun) => refuseNew(run, "large", { code: "all_held" }),
  ],
  [
    "all held is said when all are sold",
    (run: BrokenRun) => {
      run.answer(
        run.entry("fail", "hold", ({ t_mono }) => t_mono > 1_900 && t_mono < 2_100),
        { code: "all_held" },
      );
    },
  ],
  [
    "fewer are said to be left than are",
    (run: BrokenRun) => refuseNew(run, "large", { code: "not_enough_left", available: 1 }, 4),
  ],
  [
    "as many are said to be left as were asked for",
    (run: BrokenRun) => refuseNew(run, "large", { code: "not_enough_left", available: 4 }, 4),
  ],
  [
    "nothing is said of how many are left",
    (run: BrokenRun) => refuseNew(run, "large", { code: "not_enough_left" }, 4),
  ],
  [
    "another's reservation is said to be in the way",
    (run: BrokenRun) =>
      refuseNew(run, "large", { code: "duplicate_reservation", reservation_id: run.id("gil") }),
  ],
  [
    "a reservation is said to be in the way that is not there",
    (run: BrokenRun) => refuseNew(run, "large", { code: "duplicate_reservation", reservation_id: "none" }),
  ],
  [
    "a reservation is said to be in the way that has ended",
    (run: BrokenRun) =>
      refuseNew(run, "small", { code: "duplicate_reservation", reservation_id: run.id("bob") }, 1, "bob"),
  ],
  [
    "a hold is said to have ended that has not",
    (run: BrokenRun) => run.refuse(run.entry("ok", "extend"), "hold_expired"),
  ],
  [
    "a hold is said to be confirmed that was not",
    (run: BrokenRun) => run.refuse(run.entry("ok", "extend"), "already_confirmed"),
  ],
  [
    "a reservation is said to be missing by whom it is not",
    (run: BrokenRun) => run.refuse(run.entry("ok", "extend"), "reservation_not_found"),
  ],
  [
    "a capacity is said to be too low that is not",
    (run: BrokenRun) => run.answer(run.entry("fail", "change_event"), { held_and_sold: 9 }),
  ],
].map(toWay("refusal_without_effect"));

export const waysToBeLate: readonly Way[] = [
  ...[
    [
      "a hold was confirmed at its deadline",
      (run: BrokenRun) => {
        const row = run.reservation("ann");
        row.confirmedAtMs = row.expiresAtMs;
      },
    ],
    [
      "an order's hold was confirmed after the grace",
      (run: BrokenRun) => {
        const row = need(
          run.books.reservations.find(({ id }) => id === run.order("order-dan").items[0]?.reservationId),
        );
        row.expiresAtMs = (row.confirmedAtMs ?? 0) - 1;
      },
    ],
    [
      "a hold was extended at the deadline that it had then",
      (run: BrokenRun) => {
        const row = run.reservation("ann");
        row.extendedAtMs = [row.createdAtMs + 1_000];
      },
    ],
    [
      "an expired hold was free too late",
      (run: BrokenRun) => {
        const row = run.reservation("cid");
        row.releasedAtMs = row.expiresAtMs + 1_100;
      },
    ],
    [
      "an expired hold was free too late, a wrong clock or not",
      (run: BrokenRun) => {
        const row = run.reservation("cid");
        row.releasedAtMs = row.expiresAtMs + 1_100;
        addFault(run, "wrong_clock");
      },
    ],
    [
      "an expired hold is still held at the end",
      (run: BrokenRun) =>
        Object.assign(run.reservation("cid"), { status: "held", releasedAtMs: null, cause: null }),
    ],
  ].map(toWay("deadline")),
  ...[
    [
      "a call is never settled",
      (run: BrokenRun) => {
        const { seq } = run.entry("ok", "refund");
        run.entries = run.entries.filter((entry) => entry.seq !== seq);
      },
    ],
    [
      "a call is settled long after the last fault",
      (run: BrokenRun) => (run.entry("ok", "read").t_mono += 31_000),
    ],
  ].map(toWay("alive")),
];

function replay(run: BrokenRun) {
  return run.entry("ok", "hold", ({ user, attempt }) => user === "ann" && attempt === 4);
}

/** Lets somebody be refused at a moment at which nothing speaks for it. */
function refuseNew(run: BrokenRun, event: string, document: object, quantity = 1, user = "zoe"): void {
  const body = JSON.stringify({ user_id: user, quantity });
  const about = {
    f: "hold",
    user,
    event: run.id(event),
    key: "key-999",
    subject: null,
    reservation_id: null,
  } as const;
  const common = { call: 999, attempt: 1, ...about };
  run.add({ type: "invoke", t_mono: 7_000, ...common, status: null, body });
  run.add({ type: "fail", t_mono: 7_010, ...common, status: 409, body: JSON.stringify(document) });
}

function addFault(run: BrokenRun, kind: "wrong_clock" | "worker_kill"): void {
  const common = { type: "fault", fault: 99, kind, detail: "", in_flight: 1 } as const;
  run.add({ ...common, t_mono: 2_000, phase: "begun" });
  run.add({ ...common, t_mono: 6_000, phase: "ended" });
  run.add({ ...common, t_mono: 6_100, phase: "recovered" });
}
