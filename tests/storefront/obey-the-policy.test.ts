import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "../support/open-browser.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { type ReadyService, ServiceProcess } from "../support/start-service-process.ts";

let database: TestDatabase;
let dataDir: string;
let service: ServiceProcess;
let ready: ReadyService;
let browser: Browser;

beforeAll(async () => {
  [database, dataDir] = [await openTestDatabase(), await makeDataDir()];
  service = new ServiceProcess({ DATABASE_URL: database.connectionString, DATA_DIR: dataDir, DEMO: "1" });
  ready = await service.ready();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await service.end("SIGTERM");
  await database.close();
  await removeDataDir(dataDir);
});

/** Opens a page, and presses what can be pressed. @returns what the browser refused to load or to run */
async function use(page: Page, address: string): Promise<string[]> {
  const refused: string[] = [];
  page.on("pageerror", (error) => refused.push(`${address}: ${error.message}`));
  await page.exposeFunction("tellRefusal", (text: string) => refused.push(`${address}: ${text}`));
  await page.addInitScript(() => {
    const { tellRefusal } = globalThis as unknown as { tellRefusal(text: string): void };
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      tellRefusal(`${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  const answer = await page.goto(address);
  expect(answer?.status()).toBe(200);
  await page.locator("h1, h2, .opblock").first().waitFor();
  for (const button of (await page.locator("button:visible").all()).slice(0, 12))
    await button.click({ timeout: 500 }).catch(() => {});
  return refused;
}

test(
  "the pages of both listeners load and run nothing that their own policy forbids",
  { timeout: 120_000 },
  async () => {
    const created = await fetch(`${ready.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "Concert", capacity: 10, price_cents: 100 }),
    });
    const { id } = (await created.json()) as { readonly id: string };
    const paths = ["/", `/events/${id}`, "/cart", "/docs", "/problems", "/problems/sold_out"];
    const operations = ["/", "/sales", "/workers", "/jobs", "/errors"];
    const addresses = [
      ...paths.map((path) => ready.url + path),
      ...operations.map((path) => ready.opsUrl + path),
    ];
    for (const address of addresses) {
      const page = await browser.newPage();
      expect(await use(page, address)).toEqual([]);
      await page.close();
    }
  },
);

test("a style sheet is made with the word of its page alone", async () => {
  const page = await browser.newPage();
  await page.goto(`${ready.url}/cart`);
  await page.locator("h1").first().waitFor();
  const widthWith = (nonce: string) =>
    page.evaluate((word) => {
      const sheet = document.createElement("style");
      sheet.nonce = word;
      sheet.textContent = "#root { width: 123px !important; }";
      document.head.append(sheet);
      const { width } = getComputedStyle(document.querySelector("#root") ?? document.body);
      sheet.remove();
      return width;
    }, nonce);
  const known = await page.evaluate(
    () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "",
  );
  expect(known).toMatch(/^[\w+/]{22}==$/);
  for (const nonce of ["", "{{nonce}}", "AAAAAAAAAAAAAAAAAAAAAA=="])
    expect(await widthWith(nonce)).not.toBe("123px");
  expect(await widthWith(known)).toBe("123px");
  await page.close();
});
