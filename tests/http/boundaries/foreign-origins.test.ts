import { afterAll, beforeAll, expect, test } from "vitest";
import { expectNoEffect } from "../../support/expect-no-effect.ts";
import { ask, type Listeners, openListeners } from "./both-listeners.ts";

let listeners: Listeners;

beforeAll(async () => {
  listeners = await openListeners();
});
afterAll(() => listeners.close());

const foreign: Record<string, string>[] = [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://127.0.0.1:1" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];

test("no change is taken from a page of somebody else, on any route of either listener", async () => {
  const { publicUrl, publicRoutes, opsUrl, opsRoutes, service } = listeners;
  const changes = [
    ...publicRoutes.map((route) => ({ url: publicUrl, route })),
    ...opsRoutes.map((route) => ({ url: opsUrl, route })),
  ].filter(({ route }) => ["POST", "PUT", "PATCH", "DELETE"].includes(route.method));
  expect(changes.length).toBeGreaterThan(25);
  const as = { authorization: `Bearer ${service.keys.admin}` };
  await expectNoEffect(service.database, async () => {
    for (const { url, route } of changes) {
      for (const headers of foreign) {
        const { status, text } = await ask(url, route, { ...as, ...headers }, "{}");
        // What no route takes is not taken from anybody.
        if (status === 405) continue;
        expect({ route, headers, status, code: JSON.parse(text).code }).toEqual({
          route,
          headers,
          status: 403,
          code: "forbidden",
        });
      }
    }
  });
});

test("reading is not held against anybody: browsers keep what they read from foreign pages", async () => {
  const answer = await ask(
    listeners.publicUrl,
    { method: "GET", path: "/v1/events" },
    { origin: "https://evil.example" },
  );
  expect(answer.status).toBe(200);
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
});

test("own pages and programs are served, also behind a proxy that has another name for us", async () => {
  const { publicUrl } = listeners;
  const demoToken = { method: "POST", path: "/v1/buyer-tokens" };
  const own: Record<string, string>[] = [
    {},
    { origin: publicUrl },
    { origin: publicUrl, "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
    { origin: "https://tickets.example", "sec-fetch-site": "same-origin" },
  ];
  for (const headers of own) expect((await ask(publicUrl, demoToken, headers, "{}")).status).toBe(201);
  const proxied = { origin: "https://tickets.example", "x-forwarded-host": "tickets.example" };
  expect((await ask(publicUrl, demoToken, proxied, "{}")).status).toBe(403);
  const behindProxy = await openListeners({ isProxied: true });
  try {
    expect((await ask(behindProxy.publicUrl, demoToken, proxied, "{}")).status).toBe(201);
  } finally {
    await behindProxy.close();
  }
});
