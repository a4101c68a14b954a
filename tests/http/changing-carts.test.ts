import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { CartReply } from "../../api/contract/carts.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  carts = cartCalls(service);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => service.close());

const createEvent = async () => (await service.createEvent({ price_cents: 4500, max_extensions: 3 })).id;

/** Does something whenever a command of this kind has been prepared, before the desk gets it. */
function interruptEach(kind: string, act: () => Promise<unknown>): { count: number } {
  const { desk } = service.services;
  const submit = desk.submit.bind(desk);
  const seen = { count: 0 };
  vi.spyOn(desk, "submit").mockImplementation(async (command, claim) => {
    if (command.kind === kind) {
      seen.count += 1;
      await act();
    }
    return submit(command, claim);
  });
  return seen;
}

describe("an item that comes between the look at a cart and its lock", () => {
  test.each([
    ["extended", "extend_cart", (id: string) => carts.extend(id, { idempotencyKey: "again" })],
    ["bought", "begin_checkout", (id: string) => carts.checkOut(id, { idempotencyKey: "again" })],
  ] as const)("is %s with the others", async (_what, kind, act) => {
    const [first, second] = [await createEvent(), await createEvent()];
    const { id } = await carts.open([first]);
    const submitted = interruptEach(kind, async () => carts.put(id, second));
    const answer = await act(id);
    expect(answer.status).toBeLessThan(300);
    expect(answer.body["items"]).toMatchObject([{ event_id: first }, { event_id: second }]);
    expect(submitted.count).toBe(2);
    expect(await act(id)).toMatchObject({ status: answer.status, text: answer.text });
  });

  test("every time anew lets the caller wait, and nothing is recorded under the key", async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 6 }, createEvent));
    const { id, expires_at } = await carts.open([first ?? ""]);
    const submitted = interruptEach("extend_cart", async () => carts.put(id, others.pop() ?? ""));
    const refused = await carts.extend(id, { idempotencyKey: "restless" });
    expect(refused).toMatchObject({
      status: 503,
      body: { code: "overloaded" },
      headers: { "retry-after": "1" },
    });
    expect(submitted.count).toBe(5);
    vi.restoreAllMocks();
    const { body } = await carts.find(id);
    expect(body).toMatchObject({ expires_at, extensions_left: 3 });
    expect((body as unknown as CartReply).items).toHaveLength(6);
    const extended = await carts.extend(id, { idempotencyKey: "restless" });
    expect(extended).toMatchObject({ status: 200, body: { extensions_left: 2 } });
  });
});

describe("checkouts of one cart at once", () => {
  test("make one order and one charge, whatever their keys, through two services", async () => {
    const other = await openTestService({ database: service.database, demo: true });
    try {
      const { id } = await carts.open([await createEvent(), await createEvent()]);
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? carts : cartCalls(other)).checkOut(id, {
            as: service.keys.service,
            idempotencyKey: `key ${index % 4}`,
          }),
        ),
      );
      const orders = answers.filter((answer) => answer.status === 201);
      expect(new Set(orders.map((answer) => answer.text)).size).toBe(1);
      for (const { body } of answers.filter((answer) => answer.status !== 201)) {
        expect(["idempotency_in_progress", "checkout_in_progress", "cart_ordered"]).toContain(body["code"]);
      }
      const made = await service.database.query("select id, status from orders where cart_id = $1", [id]);
      expect(made).toEqual([{ id: orders[0]?.body["id"], status: "paid" }]);
      const charges = await service.database.query(
        "select amount_cents::int from demo_payments join orders on orders.id::text = key where cart_id = $1",
        [id],
      );
      expect(charges).toEqual([{ amount_cents: 9000 }]);
    } finally {
      await other.close();
    }
  });

  test("and changes of it sell exactly what the order says", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [kept, moved] = [await createEvent(), await createEvent()];
      const { id } = await carts.open([kept]);
      await Promise.all([
        carts.put(id, moved),
        carts.checkOut(id),
        carts.remove(id, moved),
        carts.extend(id),
      ]);
      const cart = (await carts.find(id)).body as unknown as CartReply;
      const order = (await carts.findOrder(cart.order_id ?? "")).body as { items: { event_id: string }[] };
      const sold = cart.items.filter((item) => item.status === "sold").map((item) => item.event_id);
      expect(cart.status).toBe("ordered");
      expect(order.items.map((item) => item.event_id)).toEqual(sold);
      for (const eventId of [kept, moved]) {
        const soldTickets = sold.includes(eventId) ? 1 : 0;
        expect(await service.readEvent(eventId)).toMatchObject({ held: 0, sold: soldTickets });
      }
    }
  });
});
