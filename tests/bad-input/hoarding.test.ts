import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { makeCartOverdue, makeOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

// Two services know nothing of each other: what one lets expire, the other has to count.
let service: TestService;
let second: TestService;

beforeAll(async () => {
  service = await openTestService({ hoardingHolds: 2, hoardingSeconds: 600 });
  second = await openTestService({ database: service.database, hoardingHolds: 2, hoardingSeconds: 600 });
});
afterAll(async () => {
  await second.close();
  await service.close();
});

async function buyer(userId = `buyer ${randomUUID()}`) {
  return { userId, as: await service.makeBuyerToken(userId) };
}

/** Waits until the sweeper has tidied a hold away, or has not: both must count. */
async function letExpire(reservationId: string, { swept }: { readonly swept: boolean }) {
  await makeOverdue(service.database, reservationId);
  if (!swept) return;
  await waitFor("the hold to be swept", async () => {
    const [row] = await service.database.query("select status from reservations where id = $1", [
      reservationId,
    ]);
    return row?.["status"] === "expired";
  });
}

type Buyer = Awaited<ReturnType<typeof buyer>>;

/** Under a key the desk is asked, not the memory of double clicks, which is quicker than these tests. */
const ask = (eventId: string, { userId, as }: Buyer, through = service) =>
  through.askForHold(eventId, userId, { as, idempotencyKey: randomUUID() });

async function holdAndLetExpire(eventId: string, hoarder: Buyer) {
  const held = await ask(eventId, hoarder);
  expect(held).toMatchObject({ status: 201 });
  await letExpire(String(held.body["id"]), { swept: true });
}

/** Moves the deadlines of what has expired into the past, instead of waiting. */
const age = (userId: string, seconds: number) =>
  service.database.query(
    `update reservations set expires_at = expires_at - make_interval(secs => $2),
       created_at = created_at - make_interval(secs => $2), released_at = released_at - make_interval(secs => $2)
     where user_id = $1 and status = 'expired'`,
    [userId, seconds],
  );

const refusal = { status: 429, body: { code: "rate_limited" } };

describe("a buyer who holds, lets expire and holds again", () => {
  test("(23) the buyer has to wait after so many, for as long as is said, in every process", async () => {
    const event = await service.createEvent();
    const hoarder = await buyer();
    await holdAndLetExpire(event.id, hoarder);
    await age(hoarder.userId, 200);
    await holdAndLetExpire(event.id, hoarder);
    // With and without a key.
    const asks = [
      () => ask(event.id, hoarder),
      () =>
        expectNoEffect(service.database, () =>
          second.askForHold(event.id, hoarder.userId, { as: hoarder.as }),
        ),
    ];
    for (const each of asks) {
      const refused = await each();
      expect(refused).toMatchObject(refusal);
      const seconds = Number(refused.headers["retry-after"]);
      const allowedAtMs = Date.parse(String(refused.body["allowed_at"]));
      // The older one counts for 400 s more; the clock goes on while this is asked.
      expect(seconds).toBeGreaterThan(300);
      expect(seconds).toBeLessThanOrEqual(400);
      const [row] = await service.database.query<{ left: number }>(
        "select extract(epoch from $1::timestamptz - clock_timestamp())::float8 as left",
        [new Date(allowedAtMs).toISOString()],
      );
      expect(seconds).toBeGreaterThanOrEqual(Math.floor(row?.left ?? 0));
    }
    await age(hoarder.userId, 401);
    expect(await ask(event.id, hoarder)).toMatchObject({
      status: 201,
    });
  });

  test("(23) the buyer has a hold counted that nobody has swept yet", async () => {
    const event = await service.createEvent();
    const hoarder = await buyer();
    await holdAndLetExpire(event.id, hoarder);
    const { id } = (await ask(event.id, hoarder)).body;
    await letExpire(String(id), { swept: false });
    expect(await ask(event.id, hoarder)).toMatchObject(refusal);
  });

  test("(23) the buyer who waits gets the hold under the key that was refused before", async () => {
    const event = await service.createEvent();
    const hoarder = await buyer();
    for (let count = 0; count < 2; count += 1) await holdAndLetExpire(event.id, hoarder);
    const sent = { as: hoarder.as, idempotencyKey: randomUUID() };
    const refused = await expectNoEffect(service.database, () =>
      service.askForHold(event.id, hoarder.userId, sent),
    );
    expect(refused).toMatchObject({
      ...refusal,
      headers: { "retry-after": expect.stringMatching(/^[1-9]\d*$/) },
    });
    await age(hoarder.userId, 601);
    const held = await second.askForHold(event.id, hoarder.userId, sent);
    expect(held).toMatchObject({ status: 201 });
    expect((await service.askForHold(event.id, hoarder.userId, sent)).text).toBe(held.text);
  });

  test("(23) the buyer is counted by carts and plain holds together", async () => {
    const event = await service.createEvent({ max_quantity: 3 });
    const hoarder = await buyer();
    const { put } = cartCalls(service);
    const cartId = randomUUID();
    const item = { as: hoarder.as, userId: hoarder.userId };
    expect(await put(cartId, event.id, item)).toMatchObject({ status: 200 });
    await makeCartOverdue(service.database, cartId);
    expect(await put(cartId, event.id, item)).toMatchObject({ status: 200 });
    // A living hold may still become another: that is the same hold.
    expect(await put(cartId, event.id, { ...item, quantity: 2 })).toMatchObject({ status: 200 });
    await makeCartOverdue(service.database, cartId);
    const refused = await put(cartId, event.id, item);
    expect(refused).toMatchObject({ ...refusal, headers: { "retry-after": expect.stringMatching(/^\d+$/) } });
    expect(await ask(event.id, hoarder)).toMatchObject(refusal);
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
  });

  test("(23) the buyer by many requests at once gets not one hold too many", async () => {
    const event = await service.createEvent();
    const hoarder = await buyer();
    await holdAndLetExpire(event.id, hoarder);
    const { id } = (await ask(event.id, hoarder)).body;
    await makeOverdue(service.database, String(id));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(event.id, hoarder, index % 2 === 0 ? service : second)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(429));
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
  });

  test("(23) the buyer keeps nobody else waiting: not another buyer, not another event, not the shop", async () => {
    const [event, other] = [await service.createEvent(), await service.createEvent()];
    const hoarder = await buyer();
    for (let count = 0; count < 2; count += 1) await holdAndLetExpire(event.id, hoarder);
    const neighbour = await buyer();
    const answers = await Promise.all([
      ask(event.id, neighbour),
      ask(other.id, hoarder),
      ask(event.id, hoarder),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
    expect(await ask(event.id, { ...hoarder, as: service.keys.service })).toMatchObject({ status: 201 });
  });

  test("(23) the buyer does not have to wait where the operator allows any number", async () => {
    const open = await openTestService({ database: service.database, hoardingHolds: 0 });
    const event = await open.createEvent();
    const hoarder = await buyer();
    for (let count = 0; count < 4; count += 1) {
      const held = await ask(event.id, hoarder, open);
      expect(held).toMatchObject({ status: 201 });
      await letExpire(String(held.body["id"]), { swept: false });
    }
    await open.close();
  });
});
