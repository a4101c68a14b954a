import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findBarriers } from "../dashboard/open-dashboard.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  cartButton,
  checkOut,
  closeCart,
  goToEvent,
  heldList,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { findMisfits, smallPhone } from "./find-misfits.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 120_000 });

interface Sms {
  readonly to: string;
  readonly text: string;
}

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ TRUSTED_PROXIES: "127.0.0.1/32" });
});
afterAll(() => shop?.close());

const asksForPhone = { requires_verified_phone: true, max_quantity: 4 };

let visitors = 0;
/** Opens the shop for a visitor with an address of their own, since sign-ups are limited for each. */
function visit(path: string, options: Parameters<Shop["visit"]>[1] = {}) {
  visitors += 1;
  const extraHTTPHeaders = { "x-forwarded-for": `198.51.100.${visitors}` };
  return shop.visit(path, { extraHTTPHeaders, ...options });
}

let numbers = 0;
/** A mobile number that no other test uses. */
const nextPhone = () => `+49 151 2345${String(1000 + (numbers += 1))}`;
const plain = (phone: string) => phone.replaceAll(" ", "");

async function readSms(phone: string): Promise<Sms[]> {
  const file = join(shop.sale.settings["DATA_DIR"] ?? "", "outbox/sms.jsonl");
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Sms).filter(({ to }) => to === plain(phone));
}

/** Waits for the SMS with that number. @returns its code */
const awaitCode = (phone: string, count = 1): Promise<string> =>
  waitFor("an SMS", async () => {
    const last = (await readSms(phone))[count - 1];
    return last !== undefined && (/\b\d{6}\b/.exec(last.text)?.[0] ?? "");
  });

/** A code that is not the right one. */
const wrongCode = (code: string) => (code === "000000" ? "000001" : "000000");

const startButton = (page: Page): Locator =>
  reservePanel(page).getByRole("button", { name: /^Verify my phone for/ });
const codeField = (page: Page): Locator => page.getByRole("textbox", { name: "6-digit code" });
const verifyButton = (page: Page): Locator => page.getByRole("button", { name: "Verify and reserve" });

async function fillDetails(page: Page, phone: string): Promise<void> {
  await page.getByRole("textbox", { name: "First name" }).fill("Ada");
  await page.getByRole("textbox", { name: "Last name" }).fill("Lovelace");
  await page.getByRole("textbox", { name: "E-mail address" }).fill("ada@example.org");
  await page.getByRole("textbox", { name: "Mobile phone" }).fill(phone);
}

/** Opens the form on the page of an event, and has a code sent. @returns the code */
async function askForCode(page: Page, phone: string): Promise<string> {
  await startButton(page).click();
  await fillDetails(page, phone);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await codeField(page).waitFor();
  return awaitCode(phone);
}

async function enter(page: Page, code: string): Promise<void> {
  await codeField(page).fill(code);
  await verifyButton(page).click();
}

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["HOLDFAST_SHOTS"];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `storefront-${name}.png`), fullPage: true });
}

describe("an event that sells to verified phones", () => {
  test("says so before the click, and serves whoever enters the code", async () => {
    const event = await shop.createEvent("Verified jazz", asksForPhone);
    const phone = nextPhone();
    const { page, close } = await visit(`/events/${event.id}`);
    await reservePanel(page)
      .getByText("This event sells to verified phones only, one reservation each.")
      .waitFor();
    await shoot(page, "before");
    await reservePanel(page).getByRole("button", { name: "One ticket more" }).click();
    const code = await askForCode(page, phone);
    await shoot(page, "code");
    const field = codeField(page);
    expect(await field.getAttribute("autocomplete")).toBe("one-time-code");
    expect(await field.getAttribute("inputmode")).toBe("numeric");
    await page.getByText("You can ask for a new code in").waitFor();
    await enter(page, ` ${code.slice(0, 3)} ${code.slice(3)}`);
    await heldList(page).getByRole("link", { name: event.name }).waitFor();
    await shoot(page, "held");

    const [account] = await shop.database.query(
      "select id::text from customers where phone_number = $1 and account_id = id",
      [plain(phone)],
    );
    expect(await shop.readReservations(event.id)).toMatchObject([
      { status: "held", quantity: 2, user_id: account?.["id"] },
    ]);
    expect(await readSms(phone)).toHaveLength(1);
    // Whoever is verified is not asked again, here or elsewhere.
    const other = await shop.createEvent("Verified blues", asksForPhone);
    await goToEvent(page, other);
    await reserve(page, other.name);
    await checkOut(page);
    // What names a person is not kept any longer than it is needed.
    expect(await page.evaluate(() => sessionStorage.getItem("holdfast-sign-up"))).toBeNull();
    await close();
  });

  test("asks for what is missing, next to the field and in a summary that has the focus", async () => {
    const event = await shop.createEvent("Verified slips", asksForPhone);
    const { page, close } = await visit(`/events/${event.id}`);
    await startButton(page).click();
    expect(await focusedText(page)).toBe("Verify your phone");
    await page.getByRole("textbox", { name: "First name" }).fill("Ada");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByText("Please check what you typed").waitFor();
    await expect.poll(() => focusedText(page)).toContain("Enter your last name.");
    await shoot(page, "slips");
    await page.getByRole("link", { name: /^Enter your mobile number/ }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("customer-phone_number");
    // What only the service can tell stands in the same place. This is a landline.
    await fillDetails(page, "+49 30 901820");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByRole("link", { name: /^The number / }).waitFor();
    expect(await page.getByRole("textbox", { name: "Last name" }).inputValue()).toBe("Lovelace");
    expect(await shop.readReservations(event.id)).toEqual([]);
    await close();
  });

  test("tells how many tries are left, and after the last one that only a new code helps", async () => {
    const event = await shop.createEvent("Verified thrice", asksForPhone);
    const phone = nextPhone();
    const { page, close } = await visit(`/events/${event.id}`);
    const code = await askForCode(page, phone);
    const wrong = wrongCode(code);
    await enter(page, "12");
    await page.getByRole("link", { name: "Enter the 6 digits of the code." }).waitFor();
    await enter(page, wrong);
    await page.getByRole("link", { name: "That is not the code. 2 tries left." }).waitFor();
    await expect.poll(() => focusedText(page)).toContain("That is not the code.");
    await shoot(page, "wrong");
    await enter(page, wrongCode(wrong) === code ? "000002" : wrongCode(wrong));
    await page.getByRole("link", { name: "That is not the code. 1 try left." }).waitFor();
    await enter(page, "999999" === code ? "999998" : "999999");
    await page.getByText("All tries are used up").waitFor();
    expect(await codeField(page).count()).toBe(0);
    await shoot(page, "exhausted");

    await letAnotherBeSent(phone);
    await page.reload();
    await page.getByText("All tries are used up").waitFor();
    // The page may still be writing down what it has just asked for; then that is read at the next reload.
    const mayBeSent = async () => {
      await page.evaluate(() => {
        const stored = JSON.parse(sessionStorage.getItem("holdfast-sign-up") ?? "{}") as {
          code: { resend_at_ms: number };
        };
        stored.code.resend_at_ms = 0;
        sessionStorage.setItem("holdfast-sign-up", JSON.stringify(stored));
      });
      await page.reload();
      await page.getByText("All tries are used up").waitFor();
      return page.getByRole("button", { name: "Send a new code" }).count();
    };
    await expect.poll(mayBeSent, { timeout: 15_000 }).toBe(1);
    await page.getByRole("button", { name: "Send a new code" }).click();
    await page.getByText("A new code is on its way").waitFor();
    await enter(page, await awaitCode(phone, 2));
    await heldList(page).getByRole("link", { name: event.name }).waitFor();
    await close();
  });

  test("tells when the code has expired", async () => {
    const event = await shop.createEvent("Verified late", asksForPhone);
    const phone = nextPhone();
    const { page, close } = await visit(`/events/${event.id}`);
    const code = await askForCode(page, phone);
    await shop.database.query(
      "update verifications set expires_at = clock_timestamp() - interval '1 ms' where phone_number = $1",
      [plain(phone)],
    );
    await enter(page, code);
    await page.getByText("This code has expired").waitFor();
    await expect.poll(() => focusedText(page)).toContain("Ask for a new code to go on.");
    expect(await shop.readReservations(event.id)).toEqual([]);
    await close();
  });

  test("goes on after a reload, with the same code and what was chosen", async () => {
    const event = await shop.createEvent("Verified again", asksForPhone);
    const phone = nextPhone();
    const { page, close } = await visit(`/events/${event.id}`);
    await reservePanel(page).getByRole("button", { name: "One ticket more" }).click();
    await startButton(page).click();
    await fillDetails(page, phone);
    await page.reload();
    await startButton(page).click();
    expect(await page.getByRole("textbox", { name: "Mobile phone" }).inputValue()).toBe(phone);
    await reservePanel(page).getByRole("button", { name: "One ticket more" }).click();
    // The answer to the sign-up is lost on its way, and the page is loaded again.
    let isLost = false;
    await page.route("**/v1/customers", async (route) => {
      if (isLost) return route.fallback();
      isLost = true;
      await route.fetch();
      return route.abort();
    });
    await page.getByRole("button", { name: "Send me a code" }).click();
    const code = await awaitCode(phone);
    await page.reload();
    await codeField(page).waitFor();
    await enter(page, wrongCode(code));
    await page.getByRole("link", { name: "That is not the code. 2 tries left." }).waitFor();
    await page.reload();
    await page.getByText("2 tries left.").waitFor();
    await enter(page, code);
    await heldList(page).getByRole("link", { name: event.name }).waitFor();
    expect(await readSms(phone)).toHaveLength(1);
    expect(await shop.readReservations(event.id)).toMatchObject([{ status: "held", quantity: 2 }]);
    await close();
  });

  test("leads a known phone to its account, and gives it one reservation", async () => {
    const event = await shop.createEvent("Verified once", asksForPhone);
    const phone = nextPhone();
    const first = await visit(`/events/${event.id}`);
    await enter(first.page, await askForCode(first.page, phone));
    await heldList(first.page).waitFor();
    await letAnotherBeSent(phone);
    const second = await visit(`/events/${event.id}`);
    await startButton(second.page).click();
    await fillDetails(second.page, phone);
    await second.page.getByRole("button", { name: "Send me a code" }).click();
    await codeField(second.page).waitFor();
    await enter(second.page, await awaitCode(phone, 2));
    await second.page.getByText("You already have tickets for this event.").waitFor();
    await shoot(second.page, "duplicate");
    expect(await shop.readReservations(event.id)).toHaveLength(1);
    await Promise.all([first.close(), second.close()]);
  });

  test("tells a guest that the cart does not come along, and starts an empty one", async () => {
    const [free, event] = [
      await shop.createEvent("For guests"),
      await shop.createEvent("Verified too", asksForPhone),
    ];
    const phone = nextPhone();
    const { page, close } = await visit(`/events/${free.id}`);
    await reserve(page, free.name);
    await closeCart(page);
    await goToEvent(page, event);
    await startButton(page).click();
    await page.getByText("Your cart does not come along").waitFor();
    await shoot(page, "guest");
    await fillDetails(page, phone);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await codeField(page).waitFor();
    await enter(page, await awaitCode(phone));
    await heldList(page).getByRole("link", { name: event.name }).waitFor();
    // What the guest still has is not shown as lost.
    expect(await page.getByText("Not held any more").count()).toBe(0);
    await closeCart(page);
    await cartButton(page, 1).waitFor();
    expect(await shop.readReservations(free.id)).toMatchObject([{ status: "held" }]);
    await close();
  });
});

test("a shop that signs nobody up says so, and a sign-up that is gone is begun anew", async () => {
  const event = await shop.createEvent("Verified strangers", asksForPhone);
  const { page, close } = await visit(`/events/${event.id}`);
  const answer = (status: number, code: string) => ({
    status,
    contentType: "application/problem+json",
    body: JSON.stringify({ type: "about:blank", title: code, status, detail: code, code, request_id: "1" }),
  });
  await page.route("**/v1/customers", (route) => route.fulfill(answer(401, "unauthorized")), { times: 1 });
  await startButton(page).click();
  const phone = nextPhone();
  await fillDetails(page, phone);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByText("This shop does not verify phones here").waitFor();
  await page.getByRole("button", { name: "Send me a code" }).click();
  await codeField(page).waitFor();
  const code = await awaitCode(phone);
  await page.route("**/verify", (route) => route.fulfill(answer(404, "customer_not_found")), { times: 1 });
  await enter(page, code);
  await page.getByText("This sign-up is not known any more.").waitFor();
  expect(await page.getByRole("textbox", { name: "Mobile phone" }).inputValue()).toBe(phone);
  await close();
});

test("the form fits 320 px, and axe finds nothing on any of its steps", async () => {
  const event = await shop.createEvent("Verified small", asksForPhone);
  const phone = nextPhone();
  const { page, close } = await visit(`/events/${event.id}`, smallPhone);
  const inspect = async (step: string) => {
    expect(await findMisfits(page), `at ${step}`).toEqual([]);
    expect(await findBarriers(page), `at ${step}`).toEqual([]);
    await shoot(page, `320-${step}`);
  };
  await startButton(page).waitFor();
  await inspect("before");
  await startButton(page).click();
  await inspect("details");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByText("Please check what you typed").waitFor();
  await inspect("mistakes");
  await fillDetails(page, phone);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await codeField(page).waitFor();
  await inspect("code");
  const code = await awaitCode(phone);
  for (let digit = 0, tries = 0; tries < 3; digit += 1) {
    const wrong = String(digit).repeat(6);
    if (wrong === code) continue;
    tries += 1;
    await enter(page, wrong);
    await page
      .getByText(tries < 3 ? `${3 - tries} tr` : "All tries are used up")
      .first()
      .waitFor();
    if (tries === 1) await inspect("wrong");
  }
  await inspect("exhausted");
  await close();
});

/** Moves what was sent to a phone into the past, as if the time between two SMS had gone by. */
function letAnotherBeSent(phone: string): Promise<unknown> {
  return shop.database.query(
    "update verifications set created_at = created_at - interval '1 minute' where phone_number = $1",
    [plain(phone)],
  );
}
