import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { createClient } from "../support/http-client.ts";
import { openSale } from "../support/open-sale.ts";
import { openTestDatabase } from "../support/open-test-database.ts";
import { startMailServer } from "../support/start-mail-server.ts";
import { waitFor } from "../support/wait-for.ts";

test(
  "a receipt whose address is refused for good is given up, and is there to be seen",
  { timeout: 60_000 },
  async () => {
    const database = await openTestDatabase();
    const mail = await startMailServer();
    const sale = await openSale(database, { WORKERS_MAX: "1", DEMO: "1", SMTP_URL: mail.url });
    mail.behave("refuse_recipient");
    const send = createClient(sale.url);
    const calls = cartCalls({ send, keys: { service: sale.adminKey, admin: sale.adminKey, observer: "" } });
    const cart = await calls.open([sale.eventId], { userId: randomUUID() });
    const order = await calls.buy(cart.id);
    const job = await waitFor(
      "the receipt to be given up",
      async () => {
        const [row] = await database.query(
          `select retry_count as retries, output ->> 'message' as message from pgboss.job
       where id = $1 and name = 'send-receipt' and state = 'failed'`,
          [order.id],
        );
        return row;
      },
      20_000,
    );
    expect(job).toEqual({ retries: 0, message: expect.stringContaining("550 No such user") });
    const shown = await waitFor("it to be shown", async () =>
      (await sale.watch.jobs()).data.find(({ id }) => id === order.id),
    );
    expect(shown).toMatchObject({ queue: "send-receipt", state: "failed" });
    expect(shown.last_error).toContain("550 No such user");
    const [row] = await database.query("select receipt_sent_at from orders where id = $1", [order.id]);
    expect(row).toEqual({ receipt_sent_at: null });
    await sale.close();
    await mail.close();
    await database.close();
  },
);
