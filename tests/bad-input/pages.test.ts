import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../api/http/create-app.ts";
import { listen, urlOf } from "../../api/http/listen.ts";
import { ownContentOnly, PageFiles } from "../../api/http/page-files.ts";
import { openTestOperations, type TestOperations } from "../operations/open-test-operations.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let operations: TestOperations;

beforeAll(async () => {
  service = await openTestService({ demo: true, publicSignup: true });
  const { connectionString } = service.database;
  operations = await openTestOperations({ connectionString, isStarted: false });
});
afterAll(async () => {
  await operations.close();
  await service.close();
});

/** What a policy says of each kind of content. */
function readPolicy(policy: string | null): Map<string, string> {
  const rules = (policy ?? "").split(";").map((rule) => rule.trim());
  return new Map(rules.map((rule) => [rule.split(" ")[0] ?? "", rule.split(" ").slice(1).join(" ")]));
}

function expectStrict(policy: string | null) {
  const rules = readPolicy(policy);
  expect(rules.get("default-src")).toBe("'none'");
  expect(rules.get("frame-ancestors")).toBe("'none'");
  expect(rules.get("base-uri")).toBe("'none'");
  // No script of anybody else, none within the page, and nothing that makes text a script.
  expect(rules.get("script-src") ?? "'none'").toMatch(/^(?:'self'|'none'|'sha256-[A-Za-z0-9+/=]+'| )+$/);
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
}

test("(30) every page has a strict policy: the shop, the dashboard, the reference and the help", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-test-pages-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Tickets</title>");
  const app = createApp(service.services, await openPages(folder));
  const shop = await listen(app, { host: "127.0.0.1", port: 0, setting: "PORT" });
  const shopUrl = urlOf(shop, "127.0.0.1");
  const addresses = [
    `${shopUrl}/`,
    `${shopUrl}/events/x`,
    `${shopUrl}/docs`,
    `${shopUrl}/problems`,
    `${shopUrl}/problems/sold_out`,
    `${operations.url}/`,
    `${operations.url}/sales`,
  ];
  for (const address of addresses) {
    const response = await fetch(address, { headers: { accept: "text/html" } });
    const type = response.headers.get("content-type");
    expect([address, response.status, type]).toEqual([address, 200, "text/html; charset=utf-8"]);
    expectStrict(response.headers.get("content-security-policy"));
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
  await new Promise((resolve) => {
    shop.close(resolve);
    shop.closeAllConnections();
  });
  await rm(folder, { recursive: true });
});

async function openPages(folder: string): Promise<PageFiles> {
  return new PageFiles(folder, ownContentOnly);
}

/** As browsers tell it, and as old ones do that tell no more than the origin. */
const foreign: [what: string, headers: Readonly<Record<string, string>>][] = [
  ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["another name of this site", { origin: "https://shop.example", "sec-fetch-site": "same-site" }],
  ["another site, in an old browser", { origin: "https://evil.example" }],
  ["another port", { origin: "http://127.0.0.1:1" }],
  ["a frame without an origin", { origin: "null" }],
  ["another site that hides itself", { "sec-fetch-site": "cross-site" }],
];

test.each(foreign)("(30) a change for a page of a foreign origin is refused: %s", async (_what, headers) => {
  const { id } = await service.createEvent();
  const customer = { first_name: "A", last_name: "L", email: "a@example.org", phone_number: "+14155550100" };
  const buyer = { as: await service.makeBuyerToken("ada"), headers };
  await expectNoEffect(service.database, async () => {
    const answers = [
      await service.send("post", "/v1/buyer-tokens", { headers }),
      await service.send("post", "/v1/customers", { headers, body: { request_id: "r", customer } }),
      await service.send("post", `/v1/events/${id}/reservations`, { ...buyer, body: { user_id: "ada" } }),
      await service.send("post", "/v1/events", {
        as: service.keys.admin,
        headers,
        body: { name: "n", capacity: 1 },
      }),
      await service.send("patch", `/v1/events/${id}`, {
        as: service.keys.admin,
        headers,
        body: { capacity: 1 },
      }),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const paused = await operations.send(`/ops/v1/sales/${id}/pause`, {
      method: "POST",
      headers,
      body: { reason: "a" },
    });
    expect([paused.status, JSON.parse(paused.text)]).toMatchObject([403, { code: "forbidden" }]);
  });
  expect(await service.send("get", "/v1/events", { headers })).toMatchObject({ status: 200 });
});

test("(30) the shop's own pages and programs are served, behind a proxy with another name too", async () => {
  const event = await service.createEvent();
  const own: Record<string, string>[] = [
    { origin: service.url, "sec-fetch-site": "same-origin" },
    { origin: service.url },
    // The browser knows the page by the proxy's name.
    { origin: "https://tickets.example", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
    {},
  ];
  for (const [index, headers] of own.entries())
    expect(await service.askForHold(event.id, `own ${index}`, { headers })).toMatchObject({ status: 201 });
  const allowed = await service.send("options", `/v1/events/${event.id}/reservations`, {
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  expect(allowed.status).toBe(405);
  expect(Object.keys(allowed.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

const rateLimits = { anonymousMax: 5, buyerMax: 3, signupMax: 4 };
const listFrom = (through: TestService, address: string) =>
  through.send("get", "/v1/events", { headers: { "x-forwarded-for": address } });

test("(30) X-Forwarded-For is believed from a trusted proxy", async () => {
  const trusting = await openTestService({
    database: service.database,
    rateLimits,
    trustedProxies: ["127.0.0.0/8"],
  });
  for (let count = 0; count < 5; count += 1)
    expect(await listFrom(trusting, "203.0.113.1")).toMatchObject({ status: 200 });
  expect(await listFrom(trusting, "203.0.113.1")).toMatchObject({ status: 429 });
  expect(await listFrom(trusting, "203.0.113.2")).toMatchObject({ status: 200 });
  // Only what the proxy itself added counts; what its client wrote before it is not believed.
  expect(await listFrom(trusting, "203.0.113.77, 203.0.113.1")).toMatchObject({ status: 429 });
  await trusting.close();
});

test("(30) X-Forwarded-For is not believed from anyone else", async () => {
  const strict = await openTestService({ database: service.database, rateLimits });
  const statuses = [];
  for (let count = 0; count < 6; count += 1)
    statuses.push((await listFrom(strict, `203.0.113.${count}`)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  await strict.close();
});
