import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBarriers } from "../dashboard/open-dashboard.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { type LiveBrowser, openLiveBrowser, waitMaxMs } from "./open-live-dashboard.ts";

let database: TestDatabase;
let sale: Sale;
let browser: LiveBrowser;

beforeAll(async () => {
  database = await openTestDatabase();
  browser = await openLiveBrowser();
  sale = await openSale(database, { WORKERS_MIN: "1", WORKERS_MAX: "1", DEMO: "1" });
});
afterAll(async () => {
  await sale.close();
  await browser.close();
  await database.close();
});

/** Sells a ticket. @returns the order's id */
async function sell(): Promise<string> {
  const send = createClient(sale.url);
  const keys = { admin: sale.adminKey, service: sale.adminKey, observer: sale.adminKey };
  const made = await send("post", "/v1/events", {
    as: sale.adminKey,
    body: { name: "Harbour Jazz", capacity: 5, price_cents: 4_900 },
  });
  const calls = cartCalls({ send, keys });
  const cart = await calls.open([String(made.body["id"])]);
  const { id, status } = await calls.buy(cart.id);
  expect(status).toBe("paid");
  return id;
}

test(
  "a receipt that was given up is retried from the page, goes away, and lies in the demo's mailbox",
  { timeout: 120_000 },
  async () => {
    // A file where the outbox's folder should be: no message can be written down.
    const outbox = join(sale.settings["DATA_DIR"] ?? "", "outbox");
    await rm(outbox, { recursive: true, force: true });
    await writeFile(outbox, "");
    const orderId = await sell();
    const readState = async () => {
      const rows = await database.query("select state::text as state from pgboss.job where id = $1", [
        orderId,
      ]);
      return rows[0]?.["state"];
    };
    await waitFor("a try in vain", async () => (await readState()) === "retry", waitMaxMs);
    const { page, complaints, loadCount, close } = await browser.open(`${sale.opsUrl}/jobs?view=work`);
    const row = page.getByRole("row").filter({ hasText: orderId });
    await row.filter({ hasText: /Retrying.*(EEXIST|ENOTDIR)/ }).waitFor();
    // As it is after three days of tries.
    await waitFor("it to be given up", async () => {
      const rows = await database.query(
        "update pgboss.job set state = 'failed', retry_limit = retry_count where id = $1 and state = 'retry' returning 1",
        [orderId],
      );
      return rows.length === 1;
    });
    await row.filter({ hasText: "Failed" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
      expect(await findBarriers(page)).toEqual([]);
    }

    await rm(outbox);
    await page.getByRole("button", { name: `Retry send-receipt ${orderId}` }).click();
    await page.getByText("Due at once: send-receipt, Receipt of an order.").waitFor();
    await row.waitFor({ state: "detached" });
    await waitFor("the job to be done", async () => (await readState()) === undefined, waitMaxMs);

    await page.getByRole("link", { name: "Messages" }).click();
    await page.getByText("E-mail", { exact: true }).click();
    const messages = page.getByRole("list", { name: "Messages, newest first" }).getByRole("listitem");
    await messages.filter({ hasText: "ada@example.org" }).filter({ hasText: "Harbour Jazz" }).waitFor();
    expect(complaints).toEqual([]);
    expect(loadCount()).toBe(1);
    await close();
  },
);

test("a job can be cancelled while every worker is down", { timeout: 120_000 }, async () => {
  const orderId = "0199a3f2-7c41-7d3e-9b52-000000000001";
  const stopped = (await sale.watch.workers()).data;
  // Nobody does the job, since it is due tomorrow.
  await database.query(
    "insert into pgboss.job (name, id, start_after) values ('send-receipt', $1, now() + interval '1 day')",
    [orderId],
  );
  const { page, complaints, close } = await browser.open(`${sale.opsUrl}/jobs?queue=send-receipt`);
  const row = page.getByRole("row").filter({ hasText: orderId });
  await row.filter({ hasText: /Waiting.*in (23 h|1 d)/ }).waitFor();
  // A worker that is stopped neither works nor ends.
  for (const { pid } of stopped) process.kill(pid, "SIGSTOP");
  await row.getByRole("button", { name: `Cancel send-receipt ${orderId}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByText("Cancelled: send-receipt, Receipt of an order.").waitFor();
  const rows = await database.query("select state::text as state from pgboss.job where id = $1", [orderId]);
  expect(rows).toEqual([{ state: "cancelled" }]);
  // The supervisor has ended and replaced what was silent for too long.
  await waitFor(
    "the stopped workers to be replaced",
    async () =>
      (await sale.watch.workers()).data.every(({ pid }) => stopped.every((each) => each.pid !== pid)),
    waitMaxMs,
  );
  expect(complaints).toEqual([]);
  await close();
});
