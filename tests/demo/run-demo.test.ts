import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary } from "../../demo/summarise-sale.ts";
import { createClient } from "../support/http-client.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { ServiceProcess } from "../support/start-service-process.ts";
import { loseAnswers } from "./lose-answers.ts";
import { controlCharactersOf, DemoProcess, runDemo } from "./run-demo.ts";

let dataDir: string;
let database: TestDatabase;
let service: ServiceProcess;
let url: string;
let adminKey: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  database = await openTestDatabase({ empty: true });
  service = new ServiceProcess({ DATA_DIR: dataDir, DATABASE_URL: database.connectionString });
  ({ url, adminKey } = await service.ready());
});
afterAll(async () => {
  await service.end("SIGTERM");
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

const atService = () => ({ DEMO_URL: url, DATA_DIR: dataDir });
const small = ["--capacity", "40", "--buyers", "120", "--rate", "300", "--seed", "7"];

describe("a rehearsed sale", { timeout: 60_000 }, () => {
  test("sells exactly what there is, and says so on stdout without a control character", async () => {
    const exit = await runDemo([...small, "--name", "Gala", "--hold", "60", "--confirm", "100"], atService());
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.stdout.trimEnd().split("\n").at(-1)).toBe("Sold 40 + Held 0 + Free 0 = Capacity 40 ✓");
    expect(exit.stdout).toMatch(/^Gala: 120 buyers/);
    expect(exit.stderr).toContain('Created the event "Gala" with 40 tickets; a hold lasts 60 s.\n');
    expect(exit.stderr).toContain("100 % | 120/120 buyers | held 40, confirmed 40, refused 80");
    expect(controlCharactersOf(exit.stdout + exit.stderr)).toEqual([]);
  });

  test("holds exactly what there is when nobody pays, and finds the service's own books in agreement", async () => {
    const exit = await runDemo([...small, "--hold", "600", "--confirm", "0", "--json"], atService());
    expect(exit.code).toBe(0);
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary).toMatchObject({
      verdict: "exact",
      complaints: [],
      stock: { capacity: 40, sold: 0, held: 40, free: 0 },
      seed: 7,
      stopped: false,
      buyers: { planned: 120, arrived: 120 },
      holds: { held: 40, ended_unpaid: 0, refused: { all_held: 80 }, unknown: 0 },
      confirms: { confirmed: 0, unknown: 0 },
      workers: null,
      killed_worker: null,
      other_reservations: 0,
    });
    const event = await createClient(url)("get", `/v1/events/${summary.event.id}`);
    expect(event.body).toMatchObject({ capacity: 40, held: 40, sold: 0, available: 0, hold_seconds: 600 });
  });

  test("returns what is not paid to the sale", async () => {
    const flags = ["--capacity", "20", "--buyers", "300", "--rate", "100", "--hold", "1", "--confirm", "20"];
    const exit = await runDemo([...flags, "--json"], atService());
    expect(exit.code).toBe(0);
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary.verdict).toBe("exact");
    expect(summary.holds.held).toBeGreaterThan(20);
    expect(summary.holds.ended_unpaid).toBeGreaterThan(0);
  });

  test("writes the result for machines into a file beside the text", async () => {
    const file = join(dataDir, "result.json");
    const exit = await runDemo(["--buyers", "5", "--rate", "100", "--json", file], atService());
    expect(exit).toMatchObject({ code: 0, stdout: expect.stringMatching(/= Capacity 1000 ✓\n$/) });
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      verdict: "exact",
      buyers: { arrived: 5 },
    });
  });

  test("gives everybody one reservation though answers are lost and asked for again", async () => {
    const proxy = await loseAnswers(url);
    const flags = ["--capacity", "60", "--buyers", "90", "--rate", "100", "--hold", "60", "--json"];
    const exit = await runDemo(flags, { ...atService(), DEMO_URL: proxy.url });
    await proxy.close();
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary).toMatchObject({
      verdict: "exact",
      complaints: [],
      holds: { held: 60, refused: { all_held: 30 }, unknown: 0 },
    });
    expect(proxy.lost).toBeGreaterThan(30);
    // One lost answer was that of the event itself, which is repeated and not counted.
    expect(summary.retries.requests).toBeGreaterThanOrEqual(proxy.lost - 1);
    expect(exit.code).toBe(0);
  });

  test("that meets a service which lost a reservation ends with 3 and tells which", async () => {
    const demo = new DemoProcess(
      ["--capacity", "100", "--buyers", "60", "--rate", "20", "--hold", "600", "--confirm", "0"],
      atService(),
    );
    await demo.told(/^50 %/m);
    const [lost] = await database.query<{ id: string }>(
      "delete from reservations where id = (select id from reservations where user_id like 'rehearsal-%' order by created_at desc limit 1) returning id",
    );
    const exit = await demo.exited();
    expect(exit.code).toBe(3);
    expect(exit.stdout).toContain(`✗ The reservation ${lost?.id} of rehearsal-`);
    expect(exit.stdout).toContain("The event says 60 held, and its reservations add up to 59.");
    expect(exit.stdout.trimEnd()).toMatch(/Sold 0 \+ Held 60 \+ Free 40 = Capacity 100 ✗$/);
    expect(exit.stderr).toContain("The service broke a promise");
  });
});

describe("Ctrl-C", () => {
  const long = ["--buyers", "5000", "--rate", "50", "--hold", "600"];

  test("sends nobody else and gives the result so far", async () => {
    const demo = new DemoProcess([...long, "--json"], atService());
    await demo.told(/Created the event/);
    demo.signal("SIGINT");
    const exit = await demo.exited();
    expect(exit.code).toBe(0);
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary).toMatchObject({ verdict: "exact", stopped: true });
    expect(summary.buyers.arrived).toBeLessThan(5000);
    expect(exit.stderr).toContain("Once more ends at once.");
  });

  test("a second time ends at once, even when nothing answers", async () => {
    const { body } = await createClient(url)("post", "/v1/events", {
      as: adminKey,
      body: { name: "Silence", capacity: 1 },
    });
    const silent = await serveAlone((request, response) => {
      if (request.url === "/readyz") response.end();
      else if (request.url === "/v1/events") response.writeHead(201).end(JSON.stringify(body));
    });
    const demo = new DemoProcess([...long, "--url", silent.url, "--key", "any"]);
    await demo.told(/Created the event/);
    demo.signal("SIGINT");
    await demo.told(/Once more ends at once/);
    demo.signal("SIGINT");
    expect(await demo.exited()).toMatchObject({ code: 1, signal: null, stdout: "" });
    await silent.close();
  });
});

describe("what keeps a rehearsal from starting is told in one sentence", () => {
  const refusals: [
    what: string,
    flags: string[],
    settings: () => Record<string, string>,
    code: number,
    RegExp,
  ][] = [
    ["no service", [], () => ({}), 1, /^No service is running at \S+; start one with "npm start" in another/],
    ["a wrong key", ["--key", "hf_admin_wrongwrong"], atService, 1, /^The key is not one of the service at/],
    ["no key", [], () => ({ DEMO_URL: url }), 2, /^No admin key can be read/],
    [
      "a service elsewhere",
      ["--url", "http://shop.example", "--key", "k"],
      atService,
      2,
      /add --allow-remote/,
    ],
    ["a value that cannot be used", ["--rate", "fast"], atService, 2, /^--rate must be/],
    ["a word with a mistake", ["--buyer", "5"], atService, 2, /Did you mean --buyers\?/],
    ["no folder for the result", ["--json", "no/such/folder/x.json"], atService, 2, /^--json must be a file/],
    ["a worker to kill, and nobody who lists any", ["--kill-worker"], atService, 1, /^--kill-worker needs/],
  ];
  test.each(refusals)("%s", async (_what, flags, settings, code, sentence) => {
    const exit = await runDemo(flags, settings());
    expect(exit).toMatchObject({ code, stdout: "" });
    expect(exit.stderr).toMatch(/^[^\n]+\n$/);
    expect(exit.stderr).toMatch(sentence);
  });

  test("a key that may not create events", async () => {
    const body = { name: "shop", role: "service" };
    const made = await createClient(url)("post", "/v1/api-keys", { as: adminKey, body });
    const exit = await runDemo(["--key", String(made.body["key"])], atService());
    expect(exit).toMatchObject({ code: 1, stdout: "" });
    expect(exit.stderr).toBe("The key may not create events; an admin key is needed.\n");
  });

  test("a file that holds no key", async () => {
    const folder = await mkdtemp(join(dataDir, "other-"));
    await writeFile(join(folder, "admin-key"), "two words");
    const exit = await runDemo(["--data-dir", folder], { DEMO_URL: url });
    expect(exit).toMatchObject({ code: 2, stdout: "" });
    expect(exit.stderr).toMatch(/^No admin key is in the file .+\n$/);
  });

  test("something that is not Holdfast", async () => {
    const other = await serveAlone((_request, response) => response.end("hello"));
    const exit = await runDemo(["--url", other.url, "--key", "k"]);
    await other.close();
    expect(exit).toMatchObject({ code: 1, stdout: "" });
    expect(exit.stderr).toMatch(/^What answers at .+ is not Holdfast, .+\n$/);
  });
});

test("the help begins with examples, goes to stdout, and is no failure", async () => {
  const exit = await runDemo(["--help"]);
  expect(exit).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Examples:\n/) });
  for (const flag of [
    "--name",
    "--capacity",
    "--hold",
    "--buyers",
    "--kill-worker",
    "--allow-remote",
    "--json",
  ])
    expect(exit.stdout).toContain(flag);
  expect(controlCharactersOf(exit.stdout)).toEqual([]);
});

/** Serves something that is not the service, until it is closed. */
async function serveAlone(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((closed) => server.close(() => closed()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
