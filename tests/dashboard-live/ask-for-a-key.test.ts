import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { type LiveBrowser, openLiveBrowser, verdictOf } from "./open-live-dashboard.ts";

let database: TestDatabase;
let sale: Sale;
let browser: LiveBrowser;

beforeAll(async () => {
  database = await openTestDatabase();
  browser = await openLiveBrowser();
  sale = await openSale(database, { HOST: "0.0.0.0" });
});
afterAll(async () => {
  await sale.close();
  await browser.close();
  await database.close();
});

test(
  "a listener that other machines can reach asks for a key; an observer's opens the pages and changes nothing",
  { timeout: 90_000 },
  async () => {
    const send = createClient(sale.url.replace("0.0.0.0", "127.0.0.1"));
    const made = await send("post", "/v1/api-keys", {
      as: sale.adminKey,
      body: { name: "Night shift", role: "observer" },
    });
    const opsUrl = sale.opsUrl.replace("0.0.0.0", "127.0.0.1");
    const { page, complaints, close } = await browser.open(`${opsUrl}/sales`);
    await page.getByRole("heading", { name: "Holdfast operations" }).waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);

    await page.getByLabel("Key", { exact: true }).fill("hf_observer_of_somebody_else");
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("This key is not valid, or it was revoked.").waitFor();
    await page.getByLabel("Key", { exact: true }).fill(String(made.body["key"]));
    await page.getByRole("button", { name: "Use this key" }).click();
    await verdictOf(page).filter({ hasText: "HealthySelling normally" }).waitFor();

    await page.getByRole("button", { name: "Pause Sale" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("Checking");
    await dialog.getByRole("button", { name: "Pause the sale" }).click();
    await page
      .getByRole("alert")
      .getByText("An admin key is needed for this. Nothing was changed.")
      .waitFor();
    const event = await send("get", `/v1/events/${sale.eventId}`);
    expect(event.body["status"]).toBe("on_sale");

    await page.getByRole("button", { name: "Use an admin key" }).click();
    await page.getByLabel("Key", { exact: true }).fill(sale.adminKey);
    await page.getByRole("button", { name: "Use this key" }).click();
    await dialog.getByRole("button", { name: "Pause the sale" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("listitem", { name: "Sale" }).getByText("Checking").waitFor();
    expect((await send("get", `/v1/events/${sale.eventId}`)).body["status"]).toBe("paused");
    expect(complaints).toEqual([]);
    await close();
  },
);
