import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let receiver: WebhookReceiver;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  receiver = await WebhookReceiver.start();
  sale = await openSale(database, { WORKERS_MIN: "1", WORKERS_MAX: "1", WEBHOOKS_ALLOW_PRIVATE: "1" });
});
afterAll(async () => {
  await sale.close();
  await receiver.close();
  await database.close();
});

test(
  "a message whose sender is killed before it notes the answer is sent again with the same id",
  { timeout: 60_000 },
  async () => {
    const send = createClient(sale.url);
    const body = { url: receiver.url, event_types: ["reservation.held"] };
    const made = await send("post", "/v1/webhook-endpoints", { as: sale.adminKey, body });
    expect(made.status).toBe(201);
    // It arrives, and the worker dies while it waits for the answer.
    receiver.answer = () => "hang";
    const path = `/v1/events/${sale.eventId}/reservations`;
    const held = await send("post", path, { as: sale.adminKey, body: { user_id: "ada" } });
    const [first] = await waitFor("the message", () => receiver.received.length > 0 && receiver.received);
    const [pid = -1] = await sale.watch.readyPids();
    process.kill(pid, "SIGKILL");
    receiver.answer = () => 204;
    await waitFor(
      "another worker",
      async () => {
        const [other = pid] = await sale.watch.readyPids();
        return other !== pid;
      },
      30_000,
    );
    // Instead of waiting until the lease of the dead is over.
    const freed = await database.query(
      "update webhook_deliveries set leased_until = clock_timestamp() where status = 'pending' returning attempts",
    );
    expect(freed).toEqual([{ attempts: 0 }]);
    const [second] = await receiver.waitForAbout(String(held.body["id"]), 1);
    expect(second).toMatchObject({ id: first?.id, text: first?.text });
    await waitFor("its end to be noted", async () => {
      const [row] = await database.query("select status, attempts from webhook_deliveries");
      return row?.["status"] === "delivered" && row["attempts"] === 1;
    });
    expect(receiver.received).toHaveLength(2);
    const listed = (await sale.watch.jobs()).queues.find(({ name }) => name === "deliver-webhooks");
    expect(listed).toMatchObject({ counts: { failed: 0 } });
    await waitFor("it to be counted", async () => {
      const counted = await sale.watch.metric("holdfast_webhook_deliveries_total", 'outcome="delivered"');
      return counted === 1;
    });
  },
);
