import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { customerId, eventId, makeBusyJobs, phoneNumber } from "./fixtures/busy-jobs.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import { ago, idOf } from "./fixtures/replies.ts";
import { type DashboardBrowser, openDashboardBrowser } from "./open-dashboard.ts";
import type { FixtureServer } from "./serve-fixtures.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const changes = (server: FixtureServer) => server.requests.filter(({ method }) => method === "POST");
/** The jobs that are shown, without the line of titles. */
const jobRows = (page: Page) =>
  page.getByRole("table", { name: "Jobs that are not done yet" }).locator("tbody").getByRole("row");
const retryOf = (page: Page, job: string) => page.getByRole("button", { name: `Retry ${job}` });
const cancelOf = (page: Page, job: string) =>
  page.getByRole("button", { name: `Cancel ${job}`, exact: true });

describe("the work", () => {
  it("is listed with what it is about, when it is tried next, and its error folded", async () => {
    const { page, complaints, close } = await browser.open({ path: "/jobs?view=work" });
    await jobRows(page).first().waitFor();
    expect(await jobRows(page).count()).toBe(6);
    const restock = jobRows(page).filter({ hasText: "Restock of Harbour Jazz, front rows" });
    await restock.getByText("The supplier answered 422: the article is not known. Its").click();
    await restock.getByText("no article of this number has been listed since March").waitFor();
    await jobRows(page)
      .filter({ hasText: "58" })
      .getByText(/^in 1\d s$/)
      .waitFor();
    await jobRows(page).filter({ hasText: "send-code" }).getByText("Now", { exact: true }).waitFor();
    await page.getByText("The oldest 6 of 333 jobs are listed.").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it("is narrowed by state and queue, which the address keeps", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs" });
    await page.getByRole("link", { name: "1 failed in place-restock-order" }).click();
    await waitFor("the failed one", async () => (await jobRows(page).count()) === 1);
    expect(page.url()).toMatch(/\/jobs\?queue=place-restock-order&state=failed$/);
    await page.getByLabel("Queue").selectOption("");
    await waitFor("all that failed", async () => (await jobRows(page).count()) === 2);
    await page.reload();
    await waitFor("the same", async () => (await jobRows(page).count()) === 2);
    expect(await page.getByLabel("State").inputValue()).toBe("failed");
    expect(server.requests.some(({ path }) => path === "/ops/v1/jobs?state=failed")).toBe(true);
    await page.getByLabel("State").selectOption("waiting");
    await page.getByLabel("Queue").selectOption("send-code");
    await page.getByText("None that the filter lets through").waitFor();
    await close();
  });

  it("that cannot be read is not said to be nothing", async () => {
    const replies = makeBusySale();
    replies.jobs = (query) => ({
      ...makeBusyJobs(query),
      data: [],
      total: 0,
      read_at: null,
      is_current: false,
    });
    const { page, server, close } = await browser.open({ path: "/jobs?view=work", replies });
    await page.getByText("The database cannot be read. The jobs are not known.").waitFor();
    expect(await page.getByText("Nothing is open").count()).toBe(0);
    server.replies.jobs = (query) => ({ ...makeBusyJobs(query), read_at: ago(70_000), is_current: false });
    await page.getByText("The database cannot be read. Shown is what was known at").waitFor();
    expect(await page.locator('.aged[data-is-old="true"]').count()).toBe(1);
    await close();
  });
});

describe("retrying a job", () => {
  it("is asked for by one press of a key, says so, and shows what came of it", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs?state=failed" });
    await retryOf(page, "deliver-webhooks 57").focus();
    server.replies.jobs = (query) => {
      const jobs = makeBusyJobs(query);
      return { ...jobs, data: jobs.data.filter(({ id }) => id !== "57") };
    };
    await page.keyboard.press("Enter");
    await page
      .getByRole("status")
      .getByText("Due at once: deliver-webhooks, order.paid to hooks.northgate.example.")
      .waitFor();
    await waitFor("it to be gone", async () => (await jobRows(page).count()) === 1);
    expect(changes(server)).toMatchObject([{ path: "/ops/v1/jobs/deliver-webhooks/57/retry", body: {} }]);
    await close();
  });

  it("is not offered while it runs", async () => {
    const { page, close } = await browser.open({ path: "/jobs?view=work" });
    await jobRows(page).first().waitFor();
    expect(await retryOf(page, `send-code ${idOf(61)}`).isDisabled()).toBe(true);
    expect(await cancelOf(page, `send-code ${idOf(61)}`).isDisabled()).toBe(true);
    await close();
  });

  it("that is refused says why, and takes a key on the spot", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs?state=failed" });
    server.refusal = { status: 403, detail: "This key may not do that." };
    await retryOf(page, "deliver-webhooks 57").click();
    await page.getByRole("alert").getByRole("button", { name: "Use an admin key" }).click();
    await page.getByLabel("Key", { exact: true }).fill("hf_admin_test");
    await page.getByRole("button", { name: "Use this key" }).click();
    server.refusal = { status: 409, detail: "The job is running." };
    await retryOf(page, "deliver-webhooks 57").click();
    await page.getByRole("alert").getByText("The job is running. Nothing was changed.").waitFor();
    server.refusal = null;
    server.isAway = true;
    await retryOf(page, "deliver-webhooks 57").click();
    await page.getByRole("alert").getByText("It is not known whether it is tried again").waitFor();
    // A browser may repeat by itself what got no answer.
    expect(
      changes(server)
        .slice(0, 3)
        .map(({ authorization }) => authorization),
    ).toEqual([null, "Bearer hf_admin_test", "Bearer hf_admin_test"]);
    await close();
  });
});

describe("cancelling a job", () => {
  it("asks first, says what is lost, and Escape or Keep it leaves everything as it is", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs?state=failed" });
    const cancel = cancelOf(page, `place-restock-order ${idOf(41)}`);
    await cancel.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Cancel the job" });
    await dialog.getByText("no new order is placed until the stock has recovered").waitFor();
    const keep = dialog.getByRole("button", { name: "Keep it" });
    expect(await keep.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await cancel.evaluate((element) => element === document.activeElement)).toBe(true);
    await cancel.click();
    await keep.click();
    await dialog.waitFor({ state: "detached" });
    expect(changes(server)).toEqual([]);
    await close();
  });

  it("is sent when it is confirmed, and never offered for money", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs?view=work" });
    await cancelOf(page, "deliver-webhooks 58").click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("status").getByText("Cancelled: deliver-webhooks").waitFor();
    expect(changes(server)).toMatchObject([{ path: "/ops/v1/jobs/deliver-webhooks/58/cancel", body: {} }]);
    expect(await cancelOf(page, `settle-payment ${idOf(60)}`).isDisabled()).toBe(true);
    await close();
  });
});

describe("a history", () => {
  const steps = (page: Page) => page.getByRole("list", { name: "Steps, oldest first" });

  it("of a verification is found by the customer or the phone, with every step", async () => {
    const { page, close } = await browser.open({ path: "/jobs?view=histories" });
    await page.getByText("Look for a history").waitFor();
    await page.getByRole("textbox", { name: "Customer" }).fill("ada");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("An id has 32 hexadecimal digits").waitFor();
    await page.getByText("Phone", { exact: true }).click();
    await page.getByRole("textbox", { name: "Phone" }).fill("+49 151 12345678");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("heading", { name: `Customer ${customerId}` }).waitFor();
    expect(new URL(page.url()).searchParams.get("phone_number")).toBe(phoneNumber);
    const [pending, superseded, exhausted] = await steps(page).allTextContents();
    expect(pending).toMatch(/A code was made.*The SMS was sent.*Wrong code, attempt 1.*Its deadlinein 1 min/);
    expect(superseded).toMatch(/A newer code took its place/);
    expect(exhausted).toMatch(/attempt 1.*attempt 2.*attempt 3.*No attempt was left/);
    await page.getByText("The gateway answered 400: the number cannot be reached.").waitFor();
    await close();
  });

  it("of a restocking is found by the event, also from its job", async () => {
    const { page, close } = await browser.open({ path: "/jobs?state=failed" });
    await page.getByRole("link", { name: "History" }).click();
    await page.getByText("Held back").waitFor();
    expect(new URL(page.url()).searchParams.get("event_id")).toBe(eventId);
    await page.getByText("Orders 500 tickets from supplier.example when fewer than 50 are free.").waitFor();
    const [givenUp, delivered] = await steps(page).allTextContents();
    expect(givenUp).toMatch(/an order was opened.*The order was given up/);
    expect(delivered).toMatch(/an order was opened.*The supplier took the order.*The tickets were delivered/);
    await close();
  });
});

describe("the demo's messages", () => {
  it("are shown by kind, which the address keeps", async () => {
    const { page, close } = await browser.open({ path: "/jobs?view=messages" });
    await page.getByText("418203 is your code.").waitFor();
    await page.getByText("E-mail", { exact: true }).click();
    await page.getByText("Harbour Jazz, front rows").waitFor();
    expect(page.url()).toMatch(/kind=email$/);
    await close();
  });

  it("that go to a real provider are not claimed to be none", async () => {
    const replies = makeBusySale();
    replies.outbox = () => ({ is_kept: false, data: [] });
    const { page, close } = await browser.open({ path: "/jobs?view=messages", replies });
    await page.getByText("Messages are not kept here").waitFor();
    expect(await page.getByText("No message was sent yet").count()).toBe(0);
    await close();
  });
});
