import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Series } from "../../api/contract/dashboard.ts";
import { customerId, eventId } from "./fixtures/busy-jobs.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import { idOf, type Replies } from "./fixtures/replies.ts";
import { makeBrokenService, makeQuietService } from "./fixtures/quiet-service.ts";
import { type DashboardBrowser, findBarriers, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

// Axe looks at every element several times, which takes long while other tests keep the processors busy.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

/** Every page, with something that shows that it has been loaded: on a busy service, and on an empty one. */
const pages = [
  { path: "/", busy: "Database latency", empty: "No events yet." },
  { path: "/?view=tables", busy: "What happened", empty: "No events yet." },
  { path: "/sales", busy: "Harbour Jazz, front rows", empty: "No events yet." },
  {
    path: "/reservations?user_id=ada@shop.example",
    busy: "Confirmed",
    empty: "This user has no reservations",
  },
  { path: "/jobs", busy: "sweep-overdue-holds", empty: "No kind of work is known yet" },
  { path: "/jobs?view=work", busy: "Restock of Harbour Jazz", empty: "Nothing is open" },
  {
    path: `/jobs?view=histories&customer_id=${customerId}`,
    busy: "Wrong code",
    empty: "There is no such customer",
  },
  {
    path: `/jobs?view=histories&event_id=${eventId}`,
    busy: "Held back",
    empty: "There is no event with this id",
  },
  { path: "/jobs?view=messages", busy: "418203", empty: "No message was sent yet" },
  { path: "/errors?entry=5", busy: "SQLSTATE", empty: "Entry 5 is no longer kept" },
  { path: "/workers", busy: "also does the jobs", empty: "No worker is alive" },
  { path: "/nodes", busy: "answers this page", empty: "No node has reported yet" },
  { path: "/nowhere", busy: "There is no page at this address", empty: "There is no page at this address" },
];

/** What axe finds on a page in both schemes, and what the page itself complained of. */
async function inspect(path: string, replies: Replies, landmark: string) {
  const { page, complaints, close } = await browser.open({
    path,
    replies,
    context: { colorScheme: "light" },
  });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText(landmark).first().waitFor();
  const light = await findBarriers(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  // Nothing but colours depends on the scheme.
  const dark = await findBarriers(page, ["color-contrast"]);
  await close();
  return { light, dark, complaints };
}

const nothing = { light: [], dark: [], complaints: [] };

function withLastPoints(series: Series, count: number): Series {
  return { ...series, points: series.points.slice(-count) };
}

describe("axe finds nothing, light and dark,", () => {
  it.each(pages)("on $path of a busy service", async ({ path, busy }) => {
    const replies = makeBusySale();
    const { series } = replies;
    // A table of three rows has every kind of cell that one of 180 has.
    if (path.includes("tables")) replies.series = (minutes) => withLastPoints(series(minutes), 3);
    expect(await inspect(path, replies, busy)).toEqual(nothing);
  });

  it.each(pages)("on $path of an empty service", async ({ path, empty }) => {
    expect(await inspect(path, makeQuietService(), empty)).toEqual(nothing);
  });

  it.each([
    ["/", "PostgreSQLDown"],
    ["/workers", "Workers crash at every start"],
    ["/nodes", "Live nodes run different versions"],
    ["/jobs?view=work", "The database cannot be read"],
  ])("on %s of a broken service", async (path, landmark) => {
    expect(await inspect(path, makeBrokenService(), landmark)).toEqual(nothing);
  });

  it("on old figures after the connection was lost", async () => {
    const { page, server, close } = await browser.open();
    await page.getByText("Selling normally").first().waitFor();
    server.isAway = true;
    await page.getByText("Lost connection. Reconnecting...").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await close();
  });

  it("on the dialog that pauses a sale, and on the settings", async () => {
    const { page, close } = await browser.open({ path: "/sales" });
    await page.getByRole("button", { name: "Pause Harbour Jazz, front rows" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("radio", { name: "Like the system" }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await close();
  });

  it("on the dialog that cancels a job, and on a refusal in it", async () => {
    const { page, server, close } = await browser.open({ path: "/jobs?state=failed" });
    await page.getByRole("button", { name: `Cancel place-restock-order ${idOf(41)}` }).click();
    server.refusal = { status: 409, detail: "The job is running." };
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
    await page.getByRole("alert").getByText("The job is running. Nothing was changed.").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await close();
  });

  it("on a narrow screen with its navigation open", async () => {
    const { page, close } = await browser.open({ context: { viewport: { width: 375, height: 812 } } });
    await page.getByRole("heading", { name: "Database latency" }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole("button", { name: "Open the navigation" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Workers" }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await close();
  });
});
