import type { Operation, HistoryEntry } from "../../chaos/history/history-entry.ts";
import type { Books } from "../../chaos/model/books.ts";
import { type CallCourse, SimulatedRun } from "./simulated-run.ts";
import type { SimulatedReply } from "./simulated-stock.ts";

/** A run in which everything happens once, and every promise is kept. */
export interface SoundRun {
  readonly entries: HistoryEntry[];
  readonly books: Books;
  /** What is in the books, by the names that the story gives it. */
  readonly ids: Readonly<Record<string, string>>;
}

type Wish = Readonly<Record<string, unknown>>;

/**
 * Tells the story:
 *
 * - a small event of 3 is created and sold out by ann (2, confirmed after an extension, in spite of a killed worker)
 *   and bob (1); cid is refused; bob's cancellation frees one for cid, whose hold expires;
 * - a large event of 10: dan orders 2 from a cart, and is refunded; eve's card is declined and her item taken out; fay pays
 *   too late and gets other tickets; gil asks twice at once with two keys;
 * - an event for verified phones: hal signs up, errs once, verifies and holds;
 * - 5 more are delivered to the large event, and its capacity is raised to 20.
 */
export function tellSoundRun(): SoundRun {
  const run = new SimulatedRun();
  const ids: Record<string, string> = {};
  const idOf = (name: string) => ids[name] ?? "";
  const ask =
    (
      f: Operation,
      wish: () => { user?: string; event?: string; subject?: string; body?: Wish; isKeyed?: boolean },
    ) =>
    (course: CallCourse = {}, name: string | null = null) => {
      const { user = null, event = null, subject = null, body = null, isKeyed = true } = wish();
      run.call({ f, user, event, subject, body, isKeyed }, course, (reply: SimulatedReply) => {
        const { customer, id } = reply.document as { customer?: { id: string }; id?: string };
        if (name !== null) ids[name] = customer?.id ?? id ?? "";
      });
    };
  const hold = (event: string, user: string, quantity = 1) =>
    ask("hold", () => ({ user, event: idOf(event), body: { user_id: user, quantity } }));
  const change = (f: "confirm" | "extend" | "cancel", name: string, user: string, event: string) =>
    ask(f, () => ({ user, event: idOf(event), subject: idOf(name), body: {} }));
  const create = (body: Wish) => ask("change_event", () => ({ body }));
  const put = (cart: string, event: string, user: string, quantity: number) =>
    ask("put_item", () => ({
      user,
      event: idOf(event),
      subject: cart,
      body: { user_id: user, quantity },
      isKeyed: false,
    }));
  const checkOut = (cart: string, user: string, token: string) =>
    ask("check_out", () => ({ user, subject: cart, body: { token } }));

  const plan: [atMs: number, act: () => void][] = [
    [0, () => create({ capacity: 3, hold_seconds: 1 })({}, "small")],
    [0, () => create({ capacity: 10, hold_seconds: 2 })({}, "large")],
    [0, () => create({ capacity: 4, hold_seconds: 5, requires_verified_phone: true })({}, "verified")],

    [500, () => run.fault("worker_kill")],
    [
      500,
      () =>
        hold(
          "small",
          "ann",
          2,
        )({ fates: ["unheard", "unserved", "answered"], repeatedAfterMs: 2_000 }, "ann"),
    ],
    [700, () => change("extend", "ann", "ann", "small")()],
    [1_600, () => hold("small", "bob")({}, "bob")],
    [1_700, () => hold("small", "cid")({ repeatedAfterMs: 500 })],
    [1_800, () => change("confirm", "ann", "ann", "small")()],
    [1_900, () => change("confirm", "bob", "bob", "small")()],
    [2_000, () => hold("small", "cid", 2)()],
    [2_100, () => change("cancel", "bob", "bob", "small")()],
    [2_200, () => hold("small", "cid", 2)()],
    [2_300, () => hold("small", "cid")({}, "cid")],
    [3_600, () => change("confirm", "cid", "cid", "small")()],

    [3_000, () => put("cart-dan", "large", "dan", 1)({ fates: ["unheard", "answered"] })],
    [3_200, () => put("cart-dan", "large", "dan", 2)()],
    [3_300, () => checkOut("cart-dan", "dan", "tok_ok")({ repeatedAfterMs: 300 }, "order-dan")],
    [4_500, () => ask("refund", () => ({ user: "dan", subject: idOf("order-dan") }))()],
    [3_000, () => put("cart-eve", "large", "eve", 3)()],
    [3_200, () => checkOut("cart-eve", "eve", "tok_declined")({}, "order-eve")],
    [
      3_400,
      () =>
        ask("remove_item", () => ({
          user: "eve",
          event: idOf("large"),
          subject: "cart-eve",
          isKeyed: false,
        }))(),
    ],
    [3_000, () => put("cart-fay", "large", "fay", 1)()],
    [3_200, () => checkOut("cart-fay", "fay", "tok_late")({}, "order-fay")],
    [6_500, () => run.service.settle(idOf("order-fay"), true, run.databaseMs)],
    [3_000, () => hold("large", "gil")({ arrivesAfterMs: 20 })],
    [3_001, () => hold("large", "gil")({}, "gil")],
    [3_100, () => change("confirm", "gil", "gil", "large")()],

    [4_000, () => ask("sign_up", () => ({ body: signUpOf("request-1", "+14155550132") }))({}, "hal")],
    [4_100, () => verify("000000")()],
    [4_200, () => verify("111111")()],
    [4_300, () => hold("verified", idOf("hal"))({}, "hold-hal")],
    [5_000, () => deliver()({ repeatedAfterMs: 100 })],
    [
      5_300,
      () => ask("change_event", () => ({ event: idOf("large"), body: { capacity: 20 }, isKeyed: false }))(),
    ],
    [
      5_400,
      () => ask("change_event", () => ({ event: idOf("large"), body: { capacity: 0 }, isKeyed: false }))(),
    ],
    [5_500, () => ask("change_event", () => ({ event: idOf("large"), body: { reason: "rest" } }))()],
    [5_600, () => ask("change_event", () => ({ event: idOf("large"), body: {} }))()],
    [5_700, () => ask("read", () => ({ event: idOf("large"), isKeyed: false }))()],
    [
      5_800,
      () =>
        ask("read", () => ({ user: "ann", event: idOf("small"), subject: idOf("ann"), isKeyed: false }))(),
    ],
  ];
  const verify = (code: string) =>
    ask("verify", () => ({ user: idOf("hal"), subject: idOf("hal"), body: { verification_code: code } }));
  const deliver = () =>
    ask("deliver", () => {
      const order = [...run.service.stock.restocks.values()].find(({ eventId }) => eventId === idOf("large"));
      ids["restock"] = order?.id ?? "";
      const body = { restock_order_id: idOf("restock"), quantity: order?.quantity };
      return { event: idOf("large"), subject: idOf("restock"), body };
    });
  for (const [atMs, act] of plan) run.at(atMs, act);
  return { ...run.finish(8_000), ids };
}

function signUpOf(requestId: string, phone: string): Wish {
  const name = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.org" };
  return { request_id: requestId, customer: { ...name, phone_number: phone } };
}
