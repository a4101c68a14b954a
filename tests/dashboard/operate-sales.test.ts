import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { makeSale } from "./fixtures/busy-sales.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import { idOf } from "./fixtures/replies.ts";
import { type DashboardBrowser, openDashboardBrowser } from "./open-dashboard.ts";
import type { FixtureServer } from "./serve-fixtures.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const changes = (server: FixtureServer) => server.requests.filter(({ method }) => method === "POST");
const eventNames = (page: Page) =>
  page.getByRole("list", { name: "Events, newest first" }).getByRole("heading");

describe("an event on the sales page", () => {
  it("tells its stock in words, what must be 0 even when it is, and what is late", async () => {
    const { page, close } = await browser.open({ path: "/sales" });
    const sale = page.getByRole("listitem", { name: "Northern Lights, stadium tour, opening night" });
    await sale.waitFor();
    const words = (await sale.textContent()) ?? "";
    expect(words).toContain("31,204 sold, 3,912 held, 14,884 free, of 50,000");
    expect(words).toMatch(/Holds\/s242.*Oversold0.*Overdue holds2.*Price\$49\.00/);
    const paused = page.getByRole("listitem", { name: "Chamber evening" });
    expect(await paused.textContent()).toMatch(
      /Paused.*We are checking the seating plan\. Sales go on at 15:00\./,
    );
    await close();
  });

  it("that is oversold says that this must not be", async () => {
    const replies = makeBusySale();
    replies.sales = () => ({ data: [makeSale(1, { oversold: 3 })], has_more: false, total: 1 });
    const { page, close } = await browser.open({ path: "/sales", replies });
    await page.getByText("Must be 0").waitFor();
    expect(await page.getByRole("listitem", { name: "Event 1" }).textContent()).toContain(
      "Oversold3Must be 0",
    );
    await close();
  });
});

describe("pausing a sale", () => {
  it("asks for a reason, sends it, and shows what came of it", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    await page.getByRole("button", { name: "Pause Harbour Jazz, front rows" }).click();
    const dialog = page.getByRole("dialog", { name: "Pause the sale" });
    const reason = dialog.getByLabel("Reason");
    await reason.waitFor();
    expect(await reason.evaluate((element) => element === document.activeElement)).toBe(true);

    await dialog.getByRole("button", { name: "Pause the sale" }).click();
    await dialog.getByText("Say why: buyers who are refused are told it.").waitFor();
    expect(changes(server)).toEqual([]);

    await reason.fill("The hall is flooded");
    server.replies.sales = () => ({
      data: [
        makeSale(3, {
          name: "Harbour Jazz, front rows",
          status: "paused",
          paused_reason: "The hall is flooded",
        }),
      ],
      has_more: false,
      total: 1,
    });
    await dialog.getByRole("button", { name: "Pause the sale" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("The hall is flooded").waitFor();
    expect(changes(server)).toMatchObject([
      { path: `/ops/v1/sales/${idOf(3)}/pause`, body: { reason: "The hall is flooded" } },
    ]);
    await close();
  });

  it("without an admin key says which key is needed, and takes one on the spot", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    server.refusal = { status: 403, detail: "This key may not do that." };
    await page.getByRole("button", { name: "Pause Harbour Jazz, front rows" }).click();
    await page.getByLabel("Reason").fill("Checking");
    await page.getByRole("dialog").getByRole("button", { name: "Pause the sale" }).click();
    const refusal = page.getByRole("alert");
    await refusal.getByText("An admin key is needed for this. Nothing was changed.").waitFor();
    await refusal.getByRole("button", { name: "Use an admin key" }).click();
    await page.getByLabel("Key", { exact: true }).fill("hf_admin_test");
    await page.getByRole("button", { name: "Use this key" }).click();
    server.refusal = null;
    await page.getByRole("button", { name: "Pause the sale" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(changes(server).at(-1)).toMatchObject({
      authorization: "Bearer hf_admin_test",
      body: { reason: "Checking" },
    });
    await close();
  });

  it("that gets no answer does not claim that nothing happened", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    await page.getByRole("button", { name: "Pause Harbour Jazz, front rows" }).click();
    await page.getByLabel("Reason").fill("Checking");
    server.isAway = true;
    await page.getByRole("dialog").getByRole("button", { name: "Pause the sale" }).click();
    await page.getByText("look at the event before you try again").waitFor();
    expect(await page.getByText("Nothing was changed").count()).toBe(0);
    await close();
  });

  it("is called off by Escape, which gives the focus back", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    const pause = page.getByRole("button", { name: "Pause Harbour Jazz, front rows" });
    await pause.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await pause.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(changes(server)).toEqual([]);
    await close();
  });
});

describe("resuming a sale", () => {
  it("is asked for, and sent without anything more", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    await page.getByRole("button", { name: "Resume Chamber evening" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume the sale" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(changes(server)).toMatchObject([{ path: `/ops/v1/sales/${idOf(4)}/resume`, body: {} }]);
    await close();
  });
});

describe("finding an event", () => {
  it("searches when the typing stops, and the address keeps the search", async () => {
    const { page, server, close } = await browser.open({ path: "/sales" });
    await page.getByRole("searchbox").pressSequentially("jazz");
    await waitFor("one event", async () => (await eventNames(page).count()) === 1);
    expect(page.url()).toMatch(/\/sales\?search=jazz$/);
    expect(server.requests.some(({ path }) => path.includes("search=jazz"))).toBe(true);
    await page.reload();
    await page.getByRole("heading", { name: "Harbour Jazz, front rows" }).waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("jazz");
    await page.getByRole("searchbox").fill("no such event");
    await page.getByText("No event matches").waitFor();
    await close();
  });

  it("goes through the pages, and back with the browser", async () => {
    const { page, close } = await browser.open({ path: "/sales" });
    await page.getByText("34 events").waitFor();
    expect(await eventNames(page).count()).toBe(20);
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByRole("heading", { name: "Event 34", exact: true }).waitFor();
    expect(await eventNames(page).count()).toBe(14);
    expect(await page.getByRole("button", { name: "Next page" }).isDisabled()).toBe(true);
    await page.goBack();
    await page.getByRole("heading", { name: "Harbour Jazz, front rows" }).waitFor();
    await close();
  });
});
