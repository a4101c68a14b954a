import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seriesReply } from "../../api/contract/dashboard.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database);
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

const series = async () => {
  const response = await fetch(`${sale.opsUrl}/ops/v1/series?minutes=5`);
  return seriesReply.parse(await response.json());
};
const starts = async () => (await series()).marks.filter(({ kind }) => kind === "started").length;

test(
  "the charts go on after the supervisor was killed, and after it was stopped",
  { timeout: 90_000 },
  async () => {
    const dataDir = sale.settings["DATA_DIR"] ?? "";
    await waitFor("what is there at the start to be saved", async () =>
      (await readdir(dataDir)).some((name) => name.endsWith("-history.gz")),
    );
    await sale.service().end("SIGKILL");
    await sale.restart();
    expect(await starts()).toBe(2);

    const { points } = await waitFor("a figure of the sale", async () => {
      const found = await series();
      return found.points.some(({ free }) => free !== null) && found;
    });
    const known = points.find(({ free }) => free !== null);
    expect(await sale.service().end("SIGTERM")).toMatchObject({ code: 0 });
    await sale.restart();
    expect(await starts()).toBe(3);
    const kept = (await series()).points.find(({ at }) => at === known?.at);
    expect(kept?.free).toBe(known?.free);
  },
);
