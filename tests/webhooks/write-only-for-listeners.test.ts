import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../api/store/open-database.ts";
import { deleteOldWebhookMessages } from "../../api/store/webhook-messages.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { holdOf } from "../support/open-test-desk.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";
import { waitUntilSelling } from "../support/wait-until-selling.ts";
import { waitFor } from "../support/wait-for.ts";
import { createEndpoint } from "./open-listening-service.ts";

let database: TestDatabase;
let proxy: DatabaseProxy;
let service: TestService;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await DatabaseProxy.start(database.connectionString);
  receiver = await WebhookReceiver.start();
  service = await openTestService({
    database,
    connectionString: proxy.connectionString,
    allowPrivateAddresses: true,
  });
  // A rule of the database that only this test has, so that one command of a batch can break it.
  await database.query(`
    create function refuse_poison() returns trigger language plpgsql as $$
    begin
      if new.user_id like 'poison%' then
        raise exception using errcode = 'check_violation', constraint = 'no_poison', message = 'poison';
      end if;
      return new;
    end $$;
    create trigger refuse_poison before insert on reservations for each row execute function refuse_poison()`);
});
afterEach(async () => {
  proxy.set("pass");
  await waitUntilSelling(service);
});
afterAll(async () => {
  await service.close();
  await receiver.close();
  await proxy.close();
  await database.close();
});

const messagesAbout = (subjectIds: readonly string[]) =>
  database.query("select type, subject_id from webhook_messages where subject_id = any($1)", [subjectIds]);

const reservationIds = async (eventId: string) => {
  const rows = await database.query("select id from reservations where event_id = $1 order by id", [eventId]);
  return rows.map(({ id }) => String(id));
};

describe("while nobody listens", () => {
  test("nothing is written", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "confirm");
    const [rows] = await database.query(
      "select (select count(*)::int from webhook_messages) as messages, (select count(*)::int from webhook_deliveries) as deliveries",
    );
    expect(rows).toEqual({ messages: 0, deliveries: 0 });
  });

  test("nothing is written for what only others than those who listen could want", async () => {
    const endpoint = await createEndpoint(service, receiver.url, ["order.paid"]);
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await service.send("delete", `/v1/webhook-endpoints/${endpoint.id}`, { as: service.keys.admin });
    const other = await service.hold(event.id, "bob");
    expect(await messagesAbout([id, other.id])).toEqual([]);
  });
});

describe("a message exists if and only if what it tells is on disk", () => {
  beforeAll(async () => {
    await createEndpoint(service, receiver.url, ["reservation.held"]);
  });

  const askForMany = (eventId: string) =>
    Promise.all(Array.from({ length: 20 }, (_, index) => service.askForHold(eventId, `user ${index}`)));

  test.each(["lose_commit", "lose_commit_answer"] as const)("after %s", async (mode) => {
    const event = await service.createEvent({ capacity: 30 });
    proxy.set(mode);
    const answers = await askForMany(event.id);
    expect(answers.some(({ status }) => status === 503)).toBe(mode === "lose_commit");
    const ids = await reservationIds(event.id);
    const told = await messagesAbout(ids);
    expect(told.map((each) => String(each["subject_id"])).toSorted()).toEqual(ids);
    await waitFor("every hold to be told, and nothing else", () => {
      const about = receiver.taken.filter(({ data }) => data["event_id"] === event.id);
      return new Set(about.map(({ data }) => data["id"])).size === ids.length;
    });
  });

  test("when a neighbour in the transaction breaks a rule of the database", async () => {
    const event = await service.createEvent({ capacity: 30 });
    const { desk } = service.services;
    const outcomes = await Promise.allSettled(
      ["ada", "poison", "bob", "poison 2", "cyd"].map((user) => desk.submit(holdOf(event.id, user))),
    );
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, false, true]);
    const ids = await reservationIds(event.id);
    const told = await messagesAbout(ids);
    expect(told.map((each) => String(each["subject_id"])).toSorted()).toEqual(ids);
    const [all] = await database.query(
      "select count(*)::int as count from webhook_messages where payload::json -> 'data' ->> 'event_id' = $1",
      [event.id],
    );
    expect(all).toEqual({ count: 3 });
  });
});

test("messages are deleted by age with their log, a bounded number at a time, but never what is to be sent", async () => {
  const pool = openDatabase({
    connectionString: database.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
  const endpointId = randomUUID();
  const insert = (count: number, ageDays: number, status: string) =>
    database.query(
      `with message as (
         insert into webhook_messages (id, type, subject_id, payload, created_at)
         select gen_random_uuid(), 'order.paid', $1, $4, now() - make_interval(days => $3::int)
         from generate_series(1, $2::int) returning id, created_at
       )
       insert into webhook_deliveries (endpoint_id, message_id, subject_id, status, next_try_at, created_at, ended_at)
       select $1, id, $1, $4, created_at, created_at, case $4 when 'pending' then null else now() end from message`,
      [endpointId, count, ageDays, status],
    );
  const count = async () => {
    const [row] = await database.query(
      `select (select count(*)::int from webhook_messages where subject_id = $1) as messages,
         (select count(*)::int from webhook_deliveries where endpoint_id = $1) as deliveries,
         (select count(*)::int from webhook_endpoints where id = $1) as endpoints`,
      [endpointId],
    );
    return row;
  };
  await database.query(
    `insert into webhook_endpoints (id, url, event_types, secret, created_at, deleted_at)
     values ($1, 'https://gone.example/', '{order.paid}', 'whsec_AAAA', now(), now())`,
    [endpointId],
  );
  try {
    await insert(12, 8, "delivered");
    await insert(2, 8, "pending");
    await insert(3, 6, "failed");
    expect(await deleteOldWebhookMessages(pool, 7, 10)).toBe(10);
    expect(await deleteOldWebhookMessages(pool, 7, 10)).toBe(2);
    // The service itself may have ended what is still to be sent to a deleted endpoint by now, but not deleted it.
    expect(await count()).toEqual({ messages: 5, deliveries: 5, endpoints: 1 });
    await database.query("delete from webhook_deliveries where endpoint_id = $1", [endpointId]);
    await deleteOldWebhookMessages(pool, 7, 10);
    expect(await count()).toMatchObject({ deliveries: 0, endpoints: 0 });
  } finally {
    await pool.destroy();
  }
});
