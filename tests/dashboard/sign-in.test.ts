import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DashboardBrowser, findBarriers, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const key = "hf_observer_0123456789";
const needsKey = { prepare: (server: { key: string | null }) => (server.key = key) };

describe("a listener that wants a key", () => {
  it("is asked with it once it was given, on every question, for as long as the tab lives", async () => {
    const { page, server, complaints, close } = await browser.open({ ...needsKey, path: "/workers" });
    await page.getByRole("heading", { name: "Holdfast operations" }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    const refused = server.requests.length;
    await page.getByLabel("Key", { exact: true }).fill(`  ${key}  `);
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("also does the jobs").waitFor();
    const asked = server.requests.slice(refused);
    expect(asked.every(({ authorization }) => authorization === `Bearer ${key}`)).toBe(true);
    await page.reload();
    await page.getByText("also does the jobs").waitFor();
    expect(await page.evaluate(() => localStorage.length + document.cookie.length)).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  it("is not asked again and again while there is no key", async () => {
    const dashboard = await browser.open({ ...needsKey, hasOwnClock: true });
    await dashboard.page.getByRole("heading", { name: "Holdfast operations" }).waitFor();
    await dashboard.settle();
    const asked = dashboard.server.requests.length;
    for (let second = 0; second < 20; second += 1) await dashboard.page.clock.runFor(1_000);
    expect(dashboard.server.requests.length).toBe(asked);
    await dashboard.close();
  });

  it("says that a key is not valid, and refuses what is no key before it asks", async () => {
    const { page, server, close } = await browser.open(needsKey);
    await page.getByLabel("Key", { exact: true }).fill("not a key");
    const asked = server.requests.length;
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("A key starts with hf_ and has no spaces. Copy it whole.").waitFor();
    expect(server.requests.length).toBe(asked);
    await page.getByLabel("Key", { exact: true }).fill("hf_observer_other");
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("This key is not valid, or it was revoked.").waitFor();
    await close();
  });

  it("asks for a key again when the one in use is revoked, and forgets it when told", async () => {
    const { page, server, close } = await browser.open(needsKey);
    await page.getByLabel("Key", { exact: true }).fill(key);
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("Selling normally").waitFor();
    server.key = "hf_observer_new";
    await page.getByText("This key is not valid, or it was revoked.").waitFor();
    await page.getByLabel("Key", { exact: true }).fill("hf_observer_new");
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("Selling normally").waitFor();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByRole("heading", { name: "Holdfast operations" }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await close();
  });
});
