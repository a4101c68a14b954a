import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, HoldfastError } from "../../clients/typescript/client.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { type MisbehavingService, problem, startMisbehavingService } from "./misbehaving-service.ts";

let service: TestService;
let network: MisbehavingService;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  network = await startMisbehavingService(service.url);
});
afterAll(async () => {
  await network?.close();
  await service?.close();
});

const shop = () => createClient({ baseUrl: network.url, token: service.keys.service, tryMs: 2_000 });
const holdsOf = async (eventId: string) => (await service.readEvent(eventId)).held;

describe("over a network that loses answers, the client", () => {
  test("holds tickets once, although the first answer was lost and the second try met the first", async () => {
    const { id } = await service.createEvent();
    network.will("lose", problem(409, "idempotency_in_progress"), "lose", "forward");
    const reservation = await shop().holdTickets(id, { user_id: "ada" });
    const sent = network.seen.filter(({ path }) => path.includes(id));
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(await holdsOf(id)).toBe(1);
    expect(await shop().findReservation(reservation.id)).toMatchObject({ status: "held", user_id: "ada" });
  });

  test("is told the first refusal again, not what is true by now", async () => {
    const { id } = await service.createEvent({ capacity: 1 });
    const held = await service.hold(id, "ada");
    network.will("lose", "forward");
    const refused = shop().holdTickets(
      id,
      { user_id: "grace" },
      {
        onRetry: () => void service.change(held.id, "cancel"),
      },
    );
    await expect(refused).rejects.toMatchObject({ name: "HoldfastError", code: "all_held" });
  });

  test("sends every call that has its effect once: event, confirmation, cancellation, key", async () => {
    const client = createClient({ baseUrl: network.url, token: service.keys.admin });
    network.will("lose", "forward");
    const event = await client.createEvent({ name: "Once only", capacity: 5 });
    const found = [];
    for await (const each of client.eachEvent()) if (each.name === "Once only") found.push(each.id);
    expect(found).toEqual([event.id]);

    const reservation = await client.holdTickets(event.id, { user_id: "ada" });
    network.will("lose", "forward");
    expect(await client.confirmReservation(reservation.id)).toMatchObject({ status: "confirmed" });
    network.will("lose", "forward");
    expect(await client.cancelReservation(reservation.id)).toMatchObject({ status: "cancelled" });

    network.will("lose", "forward");
    const { id } = await client.createApiKey({ name: "once only", role: "observer" });
    network.will("lose", "forward");
    expect(await client.revokeApiKey(id)).toBeUndefined();
    const names = [];
    for await (const key of client.eachApiKey()) names.push(key.name);
    expect(names).not.toContain("once only");
  });

  test("puts a cart's item in once, and checks the cart out once", async () => {
    const { id } = await service.createEvent({ price_cents: 500 });
    const cartId = crypto.randomUUID();
    network.will("lose", "lose", "forward");
    expect(await shop().putCartItem(cartId, id, { user_id: "ada" })).toMatchObject({ total_cents: 500 });
    expect(await holdsOf(id)).toBe(1);

    network.will("lose", "forward");
    const body = { email: "ada@shop.example", payment: { provider: "demo", token: "tok_ok" } } as const;
    const order = await shop().checkOutCart(cartId, body);
    expect(order).toMatchObject({ status: "paid", cart_id: cartId });
    const orders = [];
    for await (const each of shop().eachOrder({ user_id: "ada" })) orders.push(each.id);
    expect(orders).toEqual([order.id]);
    expect(await service.readEvent(id)).toMatchObject({ held: 0, sold: 1 });
    await expect(shop().checkOutCart(cartId, body)).rejects.toMatchObject({
      code: "cart_ordered",
      problem: { order_id: order.id },
    });
  });
});

test("a refusal tells everything that the service said", async () => {
  const { id } = await service.createEvent();
  const held = await service.hold(id, "ada");
  network.will("forward");
  const error: unknown = await shop()
    .holdTickets(id, { user_id: "ada" })
    .catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(HoldfastError);
  expect(error).toMatchObject({
    status: 409,
    code: "duplicate_reservation",
    problem: { reservation_id: held.id },
    requestId: expect.stringMatching(/./),
  });
});
