// `npm run screenshots` sells tickets on a service of its own for some minutes and takes the pictures of docs/images.
// The charts are of a real sale: workers are added by demand, one of them is killed, and an event is paused.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openBrowser } from "../tests/support/open-browser.ts";
import { makeDataDir, removeDataDir, startPostgresForTests } from "../tests/support/postgres-server.ts";
import { databaseUrl, onServer } from "../tests/support/on-server.ts";
import { type ReadyService, ServiceProcess } from "../tests/support/start-service-process.ts";
import { OperationsWatcher } from "../tests/support/watch-operations.ts";
import { ensureAllPagesBuilt } from "./build-pages.mjs";
import { sendCrowd } from "./screenshots/send-crowd.ts";
import { type Attraction, Shop } from "./screenshots/shop.ts";
import { type Picture, takePictures } from "./screenshots/take-pictures.ts";

const folder = resolve(import.meta.dirname, "../docs/images");
/** As long as the charts' shortest range, so that they are full. */
const usualSeconds = 310;
const settings = { WORKERS_MAX: "6", SCALE_UP_RPS: "80", SCALE_DOWN_RPS: "36" };
/** When things happen, as parts of the whole time. */
const moments = { opening: 0.12, rush: 0.3, kill: 0.55, calm: 0.7, pause: 0.82 };
const rates = { early: 12, rush: 110, late: 66 };

const attractions: readonly Attraction[] = [
  {
    share: 0,
    terms: {
      name: "Winter Market, evening of lights",
      capacity: 8_000,
      price_cents: 900,
      hold_seconds: 600,
      sales_start_at: new Date(Date.now() + 26 * 3_600_000).toISOString(),
    },
  },
  {
    share: 7,
    terms: {
      name: "Chamber evening: string quintets",
      capacity: 1_200,
      price_cents: 3_200,
      hold_seconds: 30,
    },
  },
  {
    share: 16,
    terms: { name: "City Marathon, start places", capacity: 6_000, price_cents: 6_500, hold_seconds: 60 },
  },
  {
    share: 15,
    terms: { name: "Harbour Jazz, front rows", capacity: 1_900, price_cents: 5_800, hold_seconds: 45 },
  },
  {
    share: 62,
    terms: {
      name: "Northern Lights, stadium tour, opening night",
      capacity: 18_000,
      price_cents: 8_900,
      hold_seconds: 120,
    },
  },
];

const overview = { path: "/?range=5", awaited: "What changed", polls: true } as const;
const width = 1440;
/** All of a page on which there is much, which a larger scale would make a large file. */
const whole = { scale: 1.25, viewport: { width, height: 1076 } } as const;
const light = { scale: 1.5, scheme: "light" } as const;
const pictures = (userId: string): readonly Picture[] => [
  { name: "overview-light", ...overview, ...whole, scheme: "light" },
  { name: "overview-dark", ...overview, ...whole, scheme: "dark" },
  {
    name: "timeline",
    path: `/reservations?user_id=${encodeURIComponent(userId)}`,
    awaited: "Its deadline, in",
    polls: true,
    ...light,
    viewport: { width, height: 790 },
  },
  {
    name: "sales",
    path: "/sales",
    awaited: "Holds/s",
    polls: true,
    ...light,
    viewport: { width, height: 720 },
  },
  {
    name: "workers",
    path: "/workers",
    awaited: "also does the jobs",
    polls: true,
    ...light,
    viewport: { width, height: 400 },
  },
  { name: "overview-phone", ...overview, ...light, scale: 2, viewport: { width: 375, height: 812 } },
];

/** What buyers see meanwhile. @param eventId of the event that most of them want */
const shopPictures = (eventId: string): readonly Picture[] => [
  {
    name: "storefront-catalogue",
    path: "/",
    awaited: "Live: numbers change",
    polls: false,
    ...light,
    viewport: { width, height: 800 },
  },
  {
    name: "storefront-event",
    path: `/events/${eventId}`,
    awaited: "Live: numbers change",
    polls: false,
    ...light,
    scale: 2,
    viewport: { width: 375, height: 812 },
  },
];

interface Stage {
  readonly shop: Shop;
  readonly service: ReadyService;
  readonly eventIds: ReadonlyMap<Attraction, string>;
}

/** Sells for a while, with everything that can be seen on the dashboard, and takes the pictures while it goes on. */
async function sellAndPicture({ shop, service, eventIds }: Stage, seconds: number): Promise<void> {
  const stopping = new AbortController();
  const stands = [...eventIds].map(([{ share }, eventId]) => ({ eventId, share }));
  const until = (part: number) => wait(part * seconds * 1000 - (performance.now() - startMs));
  const [chamber = "", marathon = "", , lights = ""] = [...eventIds.values()].slice(1);
  const startMs = performance.now();
  const crowd = sendCrowd(shop, stands, (ms) => rateAt(ms / 1000 / seconds), stopping.signal);
  const ada = "ada@shop.example";
  try {
    await until(0.05);
    await shop.hold(chamber, ada);
    await until(0.4);
    const place = await shop.hold(marathon, ada);
    await until(0.48);
    if (place !== null) await shop.change(place.id, "extend");
    await until(moments.kill);
    await killBusiestWorker(service.opsUrl);
    if (place !== null) await shop.change(place.id, "confirm");
    await until(moments.pause);
    await pauseSale(service.opsUrl, chamber, "We are checking the seating plan. Sales go on at 15:00.");
    await until(1);
    await shop.hold(lights, ada);
    const browser = await openBrowser();
    try {
      await takePictures(browser, service.opsUrl, folder, pictures(ada));
      await takePictures(browser, service.url, folder, shopPictures(lights));
    } finally {
      await browser.close();
    }
  } finally {
    stopping.abort();
    shop.close();
    await crowd;
  }
}

/** How many buyers come each second. @param part of the whole time that has passed */
function rateAt(part: number): number {
  const { opening, rush, kill, calm } = moments;
  if (part < opening) return rates.early;
  const rising = Math.min(1, (part - opening) / (rush - opening));
  const falling = Math.min(1, Math.max(0, (part - kill) / (calm - kill)));
  const peak = rates.early + rising * (rates.rush - rates.early);
  // Crowds breathe.
  return (peak - falling * (rates.rush - rates.late)) * (1 + 0.08 * Math.sin(part * 60));
}

async function killBusiestWorker(opsUrl: string): Promise<void> {
  const { data } = await new OperationsWatcher(opsUrl).workers();
  const [busiest] = data.filter(({ state }) => state === "ready").sort((one, other) => other.rps - one.rps);
  if (busiest !== undefined) process.kill(busiest.pid, "SIGKILL");
}

/** Pauses an event as the dashboard does. */
async function pauseSale(opsUrl: string, eventId: string, reason: string): Promise<void> {
  const response = await fetch(`${opsUrl}/ops/v1/sales/${eventId}/pause`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ reason }),
  });
  if (!response.ok) throw new Error(`The event could not be paused: ${await response.text()}`);
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? usualSeconds);
  if (!(seconds >= 10 && seconds <= 3_600))
    throw new Error("Give how many seconds to sell for, from 10 to 3600, or nothing.");
  await mkdir(folder, { recursive: true });
  await ensureAllPagesBuilt();
  const server = await startPostgresForTests();
  const databaseName = `holdfast_screenshots_${process.pid}`;
  const dataDir = await makeDataDir();
  await onServer(server.connectionString, `create database ${databaseName} template template0`);
  const running = new ServiceProcess({
    ...settings,
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl(server.connectionString, databaseName),
  });
  try {
    const service = await running.ready();
    const shop = new Shop(service);
    const eventIds = new Map<Attraction, string>();
    for (const attraction of attractions) eventIds.set(attraction, (await shop.createEvent(attraction)).id);
    process.stderr.write(`Selling for ${seconds} s on ${service.opsUrl}\n`);
    await sellAndPicture({ shop, service, eventIds }, seconds);
  } finally {
    await running.end("SIGTERM");
    await onServer(server.connectionString, `drop database if exists ${databaseName} with (force)`);
    await server.stop();
    await removeDataDir(dataDir);
  }
}

// What was started ends with this process, also when it is told to stop.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
await main();
