import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { entry } from "./fixtures/busy-errors.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import { makeBrokenService } from "./fixtures/quiet-service.ts";
import { idOf } from "./fixtures/replies.ts";
import { type DashboardBrowser, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

describe("the timeline of a reservation", () => {
  it("is found by its id, at an address that can be passed on", async () => {
    const { page, server, close } = await browser.open({ path: `/reservations?id=${idOf(501)}` });
    const steps = page.getByRole("list", { name: "Steps, oldest first" }).getByRole("listitem");
    await steps.nth(2).waitFor();
    const texts = await steps.allTextContents();
    expect(texts[0]).toMatch(/Held.*Its tickets were held\.$/);
    expect(texts[1]).toMatch(/Its deadline was moved\..*3 min later$/);
    expect(texts[2]).toMatch(/Confirmed.*1 min 12 s later$/);
    expect(server.requests.some(({ path }) => path === `/ops/v1/reservations?id=${idOf(501)}`)).toBe(true);
    await page.getByRole("link", { name: "ada@shop.example" }).click();
    await waitFor("the user's address", () => page.url().includes("user_id=ada%40shop.example"));
    await close();
  });

  it("is found by its user, with all that they reserved and what is still open", async () => {
    const { page, close } = await browser.open({ path: "/reservations" });
    await page.getByText("User", { exact: true }).click();
    await page.getByRole("textbox", { name: "User" }).fill("ada@shop.example");
    await page.getByRole("button", { name: "Show" }).click();
    const found = page.getByRole("list", { name: "Reservations, newest first" });
    await found.getByText("Its deadline, in 7 min").waitFor();
    expect(await found.getByRole("heading").allTextContents()).toEqual([
      "Northern Lights, second night",
      "Northern Lights, stadium tour, opening night",
      "Harbour Jazz, front rows",
    ]);
    expect(await found.getByText("Nobody confirmed it before its deadline.").count()).toBe(1);
    await page.goBack();
    await page.getByText("Look for a reservation").waitFor();
    await close();
  });

  it("refuses an id that is none before it asks", async () => {
    const { page, countAsked, close } = await browser.open({ path: "/reservations" });
    await page.getByRole("textbox", { name: "Reservation id" }).fill("ada");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("An id has 32 hexadecimal digits in five groups.").waitFor();
    expect(countAsked("/ops/v1/reservations")).toBe(0);
    await close();
  });

  it("says when not everything could be searched", async () => {
    const replies = makeBusySale();
    const { reservations } = replies;
    replies.reservations = (query) => ({ ...reservations(query), is_complete: false });
    const { page, close } = await browser.open({ path: "/reservations?user_id=ada@shop.example", replies });
    await page.getByText("There were too many ended reservations to search them all.").waitFor();
    expect(await page.getByRole("list", { name: "Reservations, newest first" }).count()).toBe(1);
    await close();
  });
});

describe("the errors page", () => {
  it("takes up new entries, folds stacks, and gives the request id to copy", async () => {
    const { page, server, close } = await browser.open({ path: "/errors" });
    const log = page.getByRole("log");
    await log.getByText("Worker 3 ended by SIGKILL").waitFor();
    const stack = log.getByText("at Connection.<anonymous>").first();
    expect(await stack.isVisible()).toBe(false);
    await log.getByText("Stack", { exact: true }).first().click();
    await stack.waitFor();
    expect(await log.getByRole("button", { name: `Copy request id ${idOf(7005)}` }).count()).toBe(1);
    server.replies.errors = (after) => ({
      data: after < 10 ? [entry(10, 0, { message: "A new one" })] : [],
      dropped: 4,
    });
    await log.getByText("A new one").waitFor();
    await page.getByText("4 older entries are no longer kept; see the log.").waitFor();
    expect(await log.getByRole("listitem").first().textContent()).toContain("A new one");
    await close();
  });

  it("filters by level, source and text, and the address keeps the filter", async () => {
    const { page, close } = await browser.open({ path: "/errors" });
    const entries = page.getByRole("log").getByRole("listitem");
    await page.getByLabel("Level").selectOption("fatal");
    await waitFor("the fatal one", async () => (await entries.count()) === 1);
    await page.getByLabel("Level").selectOption("");
    await page.getByLabel("Source").selectOption("3");
    await page.getByRole("searchbox").fill("57p01");
    await waitFor("those of worker 3", async () => (await entries.count()) === 6);
    await waitFor("the address", () => page.url().endsWith("/errors?worker=3&text=57p01"));
    await page.reload();
    await waitFor("the same again", async () => (await entries.count()) === 6);
    await page.getByRole("searchbox").fill("nothing like it");
    await page.getByText("No entry matches the filter").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await waitFor("all of them", async () => (await entries.count()) === 9);
    expect(page.url()).toMatch(/\/errors$/);
    await close();
  });

  it("shows the entry of a link, with its stack open", async () => {
    const { page, close } = await browser.open({ path: "/errors?entry=5" });
    const linked = page.getByRole("list", { name: "The entry of this link" });
    await linked.getByText("at Connection.<anonymous>").waitFor();
    expect(await linked.getByText("#5").count()).toBe(1);
    await close();
  });
});

describe("the jobs page", () => {
  it("tells of each kind what waits, retries and failed, and why", async () => {
    const { page, close } = await browser.open({ path: "/jobs" });
    const kinds = page.getByRole("table", { name: "Kinds of background work" });
    await kinds.waitFor();
    const webhooks = await kinds
      .getByRole("row", { name: "deliver-webhooks" })
      .getByRole("cell")
      .allTextContents();
    expect(webhooks.slice(0, 6)).toEqual(["12", "4", "2", "1", "58,114", "41"]);
    expect(webhooks).toContain("The shop answered 503 after 1,204 ms");
    await close();
  });

  it("runs one now, says that it was asked for, and says when a key is missing", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs" });
    await page.getByRole("button", { name: "Run now: delete-old-records" }).click();
    await page.getByText(/^Asked for at \d\d:\d\d:\d\d$/).waitFor();
    expect(server.requests.filter(({ method }) => method === "POST")).toMatchObject([
      { path: "/ops/v1/jobs/delete-old-records/run", body: {} },
    ]);
    server.refusal = { status: 403, detail: "This key may not do that." };
    await page.getByRole("button", { name: "Run now: delete-old-records" }).click();
    await page.getByText("An admin key is needed: see Settings, Use a key.").waitFor();
    await close();
  });
});

describe("the workers page", () => {
  it("tells each worker's figures and which one does the jobs", async () => {
    const { page, close } = await browser.open({ path: "/workers" });
    await page.getByText("4 live of 4 wanted; may be 1 to 6").waitFor();
    const rows = page.getByRole("table", { name: "Workers of this machine" }).getByRole("row");
    const first = (await rows.nth(1).textContent()) ?? "";
    expect(first).toMatch(/Worker 1also does the jobsReady48112.*h.*6122,204,64078141 MiB ?9\.10$/);
    await page.getByText("1 restart after a crash since the supervisor started.").waitFor();
    await close();
  });

  it("says that workers crash at every start, and when the next try is", async () => {
    const { page, close } = await browser.open({ path: "/workers", replies: makeBrokenService() });
    const notice = page.getByRole("alert");
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(
      /5 starts failed in a row, the last one with code 1\. The next try is at/,
    );
    const cells = page.getByRole("row").getByRole("cell");
    const states = (await cells.allTextContents()).filter((text) => /^[A-Z]\w+$/.test(text));
    expect(states).toEqual(["Ready", "Starting", "Draining", "Hung"]);
    await page.getByText("2 messages between processes could not be read and were ignored.").waitFor();
    await close();
  });
});

describe("the nodes page", () => {
  it("tells every machine, its state, and that versions differ", async () => {
    const { page, close } = await browser.open({ path: "/nodes", replies: makeBrokenService() });
    const rows = page.getByRole("table", { name: "Machines on this database" }).getByRole("row");
    await rows.nth(4).waitFor();
    const states = await Promise.all(
      (await rows.all()).slice(1).map((row) => row.getByRole("cell").first().textContent()),
    );
    expect(states).toEqual(["Live", "Lost", "Stopped", "Live"]);
    await page.getByText("Live nodes run different versions").waitFor();
    await close();
  });
});
