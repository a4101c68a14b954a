import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  awaitOrder,
  cartButton,
  checkingPayment,
  orderIdOf,
  payButton,
  prepareCheckout,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 90_000 });

const live = "Live: numbers change as tickets go";
let shop: Shop;
let database: DatabaseProxy;
/** Stands between the browser and the service. */
let network: DatabaseProxy;

beforeAll(async () => {
  shop = await openShop(
    {},
    {
      throughDatabase: async (straight) => {
        database = await DatabaseProxy.start(straight);
        return database;
      },
    },
  );
  network = await DatabaseProxy.start(shop.url);
});
afterEach(() => {
  database.set("pass");
  network.set("pass");
});
afterAll(async () => {
  await network?.close();
  await shop?.close();
  await database?.close();
});

const throughNetwork = () => new URL(network.connectionString).origin;

test("a lost stream ages the figures on the page, and they are live again when it is back", async () => {
  const event = await shop.createEvent("Out of reach");
  const url = throughNetwork();
  const { page, openTab, close } = await shop.visit(`/events/${event.id}`, { url });
  const catalogue = await openTab("/?search=reach");
  const panel = reservePanel(page);
  for (const tab of [page, catalogue]) await tab.getByText(live).waitFor();
  await panel.getByText("10 left", { exact: true }).waitFor();

  network.set("cut");
  await panel.getByText(/^Reconnecting\. Last seen live at \d\d:\d\d$/).waitFor();
  await panel.getByText(/^10 left as of \d\d:\d\d$/).waitFor();
  await catalogue.getByText(/^10 left as of \d\d:\d\d$/).waitFor();
  expect((await shop.askForHold(event.id, "rival")).status).toBe(201);
  network.set("pass");
  for (const tab of [page, catalogue]) {
    await tab.getByText("9 left", { exact: true }).waitFor();
    await tab.getByText(live).waitFor();
  }
  await close();
});

test("a worker that is killed takes the stream along, and the page follows its successor by itself", async () => {
  const event = await shop.createEvent("Killed worker");
  const { page, close } = await shop.visit(`/events/${event.id}`);
  const panel = reservePanel(page);
  await panel.getByText(live).waitFor();
  const [pid = -1] = await shop.sale.watch.awaitReady(1);
  process.kill(pid, "SIGKILL");
  await panel.getByText(/^Reconnecting\. Last seen live at \d\d:\d\d$/).waitFor();
  await panel.getByText(live).waitFor();
  await shop.askForHold(event.id, "rival");
  await panel.getByText("9 left", { exact: true }).waitFor();
  await reserve(page, event.name);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 8, held: 2 });
  await close();
});

test("a payment that is sent into a lost network is asked about until it is answered, and made once", async () => {
  const event = await shop.createEvent("Lost network");
  const { page, close } = await shop.visit("/", { url: throughNetwork() });
  await prepareCheckout(page, event, { email: "ada@example.org" });
  network.set("cut");
  await payButton(page).click();
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  expect(await shop.readOrders(event.id)).toEqual([]);
  network.set("pass");
  await awaitOrder(page, "The tickets are yours");
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "paid" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ status: "succeeded", amount_cents: 4500 }]);
  await close();
});

test("a database that is away in the middle of the checkout delays the payment and nothing else", async () => {
  const event = await shop.createEvent("Database away");
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org" });
  database.set("cut");
  await waitFor("the service to notice", async () => (await shop.sale.watch.status("/readyz")) === 503);
  await payButton(page).click();
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  expect(await shop.readOrders(event.id)).toEqual([]);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Checkout");
  database.set("pass");
  await awaitOrder(page, "The tickets are yours");
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "paid" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ status: "succeeded", amount_cents: 4500 }]);
  await close();
});

test("a service that is killed over a payment finishes it once after its restart, on the same page", async () => {
  const event = await shop.createEvent("Service killed");
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org", card: "Is slow" });
  await payButton(page).click();
  await waitFor("the payment", async () => (await shop.readPayments(event.id)).length === 1);
  const pids = await shop.sale.watch.readyPids();
  await shop.sale.service().end("SIGKILL");
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  expect(await shop.readOrders(event.id)).toMatchObject([{ status: "pending" }]);
  await shop.sale.restart();
  await awaitOrder(page, "The tickets are yours");
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "paid" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ amount_cents: 4500, refunded_cents: 0 }]);
  await cartButton(page, 0).waitFor();
  await close();
});
