import { openBrowser } from "../../tests/support/open-browser.ts";
import { BenchError } from "../bench-error.ts";
import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { judge } from "../cluster/figures.ts";
import { startService } from "../cluster/service.ts";
import { ampleCapacity, createEvents } from "../database/create-events.ts";
import { type PageLoad, readPageLoad } from "./read-page-load.ts";

const eventCount = 1_000;
const priceCents = 4_500;
const loadMaxMs = 30_000;
const lcpMaxMs = 1_500;
const transferredMaxKb = 250;
const bytesPerKb = 1_000;

type Browser = Awaited<ReturnType<typeof openBrowser>>;

/**
 * Measures how soon buyers see the catalogue, and how much they have to fetch for it: each load in a browser that has
 * fetched nothing yet.
 */
export async function measurePages(bench: ClusterBench): Promise<PartResult> {
  const { options, databases, signal, log } = bench;
  const database = await databases.get("cluster");
  await createEvents(database.client, eventCount, ampleCapacity, priceCents);
  const service = await startService(database.connectionString, { workersMin: 1, workersMax: 1 }, signal);
  const browser = await openBrowser().catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  try {
    const url = `http://127.0.0.1:${service.port}/`;
    // Not counted: neither the service nor the browser is warm yet.
    await loadOnce(browser, url);
    const loads: PageLoad[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      signal.throwIfAborted();
      const load = await loadOnce(browser, url);
      loads.push(load);
      log(`load ${round} of ${options.rounds}: largest paint after ${Math.round(load.lcpMs)} ms`);
    }
    return judgeLoads(loads);
  } finally {
    await browser.close();
    await service.stop();
  }
}

async function loadOnce(browser: Browser, url: string): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(loadMaxMs);
    await page.goto(url);
    await page.getByText(`${eventCount.toLocaleString("en")} events`).waitFor();
    return await page.evaluate<PageLoad>(readPageLoad);
  } catch (error) {
    throw new BenchError(`The catalogue could not be loaded: ${String(error)}`, { cause: error });
  } finally {
    await context.close();
  }
}

function judgeLoads(loads: readonly PageLoad[]): PartResult {
  const lcp = {
    name: "catalogue-lcp",
    what: `largest contentful paint of the catalogue, ${eventCount} events`,
    unit: "ms",
    goal: { atMost: lcpMaxMs },
  } as const;
  const transferred = {
    name: "catalogue-kb",
    what: "script and style that the catalogue fetches, compressed",
    unit: "kB",
    goal: { atMost: transferredMaxKb },
  } as const;
  const all = { ...transferred, name: "catalogue-all-kb", what: "all that it fetches", goal: null };
  const lcps = loads.map(({ lcpMs }) => lcpMs);
  const codes = loads.map(({ codeBytes }) => codeBytes / bytesPerKb);
  const totals = loads.map(({ totalBytes }) => totalBytes / bytesPerKb);
  return {
    figures: [judge(lcp, lcps, "median"), judge(transferred, codes, "worst"), judge(all, totals, "worst")],
    audits: [],
    notes: [`${loads.length} loads, each in a browser profile of its own, on the machine of the service.`],
  };
}
