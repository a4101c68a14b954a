import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../../api/contract/operations.ts";
import { protectiveHeaders } from "../../../api/http/protective-headers.ts";
import { sendRawRequest } from "../../support/send-raw-request.ts";
import { ask, type Heard, type KnownRoute, type Listeners, openListeners } from "./both-listeners.ts";

let listeners: Listeners;

beforeAll(async () => {
  listeners = await openListeners({ isProxied: true });
});
afterAll(() => listeners.close());

/** What an answer lacks, or has and should not have. */
function complaintsAbout({ headers }: Pick<Heard, "headers">): string[] {
  const complaints: string[] = [];
  for (let index = 0; index < protectiveHeaders.length; index += 2) {
    const [name = "", value] = protectiveHeaders.slice(index, index + 2);
    if (headers[name.toLowerCase()] !== value) complaints.push(`${name}: ${headers[name.toLowerCase()]}`);
  }
  const policy = String(headers["content-security-policy"]);
  for (const rule of [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
    if (!policy.split("; ").includes(rule)) complaints.push(`no ${rule} in ${policy}`);
  if (/unsafe|https?:|\*|\{\{/.test(policy)) complaints.push(`loose: ${policy}`);
  for (const name of ["x-powered-by", "server", "access-control-allow-origin", "set-cookie"])
    if (headers[name] !== undefined) complaints.push(`${name}: ${String(headers[name])}`);
  if (headers["x-request-id"] === undefined) complaints.push("no X-Request-Id");
  const isFile = /immutable|no-cache/.test(String(headers["cache-control"]));
  const mayBeKept = isFile && !String(headers["content-type"]).includes("json");
  if (headers["cache-control"] !== "no-store" && !mayBeKept)
    complaints.push(`Cache-Control: ${String(headers["cache-control"])}`);
  return complaints;
}

/** Every route as a stranger, as an admin, with a broken body, and by a method that it does not know. */
async function walk(url: string, routes: readonly KnownRoute[], key: string): Promise<Map<string, Heard>> {
  const heard = new Map<string, Heard>();
  const withKey = { authorization: `Bearer ${key}` };
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    const { path } = route;
    heard.set(`${name}, by nobody`, await ask(url, route));
    heard.set(`${name}, by an admin`, await ask(url, route, withKey));
    heard.set(`${name}, with noise`, await ask(url, route, withKey, "{"));
    heard.set(`TRACE ${path}`, await ask(url, { method: "TRACE", path }));
    heard.set(`DELETE ${path}`, await ask(url, { method: "DELETE", path }, { authorization: "Bearer x" }));
  }
  return heard;
}

const complaintsOf = (heard: ReadonlyMap<string, Heard>) =>
  [...heard].flatMap(([name, answer]) =>
    complaintsAbout(answer).map((text) => `${name} (${answer.status}): ${text}`),
  );

test("every answer of the public listener, on every route that there is, tells browsers to be careful", async () => {
  const { publicUrl, publicRoutes, service } = listeners;
  const own = new Set(publicRoutes.map(({ path }) => path.replaceAll(/[0-9a-f-]{36}/g, "{}")));
  const contract = Object.values(operations).map(({ path }) => path.replaceAll(/\{\w+\}/g, "{}"));
  expect(contract.filter((path) => !own.has(path))).toEqual([]);
  const pages = ["/livez", "/readyz", "/docs", "/openapi.json", "/problems", "/", "/cart", "/checkout"];
  expect(pages.filter((path) => !own.has(path))).toEqual([]);
  const more = [
    "/problems/sold_out",
    "/docs/assets/swagger-ui.css",
    "/assets/none.js",
    "/nothing",
    "/%E0%A4%A",
  ];
  const routes = [...publicRoutes, ...more.map((path) => ({ method: "GET", path }))];
  const heard = await walk(publicUrl, routes, service.keys.admin);
  expect(complaintsOf(heard)).toEqual([]);
  const statuses = new Set([...heard.values()].map(({ status }) => status));
  for (const status of [200, 400, 401, 404, 405, 422]) expect(statuses).toContain(status);
});

test("every answer of the operations listener does so too", async () => {
  const { opsUrl, opsRoutes, service } = listeners;
  expect(opsRoutes.length).toBeGreaterThan(15);
  const pages = ["/", "/sales", "/assets/index-abc.js", "/favicon.png", "/ops/v1/nothing", "/missing.js"];
  const routes = [...opsRoutes, ...pages.map((path) => ({ method: "GET", path }))];
  const heard = await walk(opsUrl, routes, service.keys.admin);
  expect(complaintsOf(heard)).toEqual([]);
  const statuses = new Set([...heard.values()].map(({ status }) => status));
  for (const status of [200, 400, 404, 405, 415, 422]) expect(statuses).toContain(status);
  const strange = await ask(opsUrl, { method: "GET", path: "/" }, { host: "evil.example" });
  expect([strange.status, complaintsAbout(strange)]).toEqual([403, []]);
});

describe.each(["publicUrl", "opsUrl"] as const)("what never reaches a route, at %s,", (which) => {
  const broken: [what: string, status: number, bytes: string][] = [
    ["noise", 400, "\u0016\u0003\u0001 hello\r\n\r\n"],
    ["headers that are too large", 431, `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(9_000)}\r\n\r\n`],
    ["no Host", 400, "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n"],
  ];
  test.each(broken)("is answered as carefully: %s", async (_what, status, bytes) => {
    const response = await sendRawRequest(listeners[which], bytes);
    expect([response.status, complaintsAbout(response)]).toEqual([status, []]);
    expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  });

  test("is answered by us even where Node has an answer of its own: a strange Expect", async () => {
    const bytes = "GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nConnection: close\r\n\r\n";
    const response = await sendRawRequest(listeners[which], bytes);
    expect([response.status, complaintsAbout(response)]).toEqual([200, []]);
  });
});

describe.each(["publicUrl", "opsUrl"] as const)("the advice to stay on TLS, at %s,", (which) => {
  const livez = { method: "GET", path: "/livez" };
  const adviceFor = async (headers: Record<string, string>, url = listeners[which]) =>
    (await ask(url, livez, headers)).headers["strict-transport-security"];

  test("is given over TLS, as a trusted proxy tells, and never otherwise", async () => {
    expect(await adviceFor({ "x-forwarded-proto": "https" })).toBe("max-age=31536000");
    expect(await adviceFor({ "x-forwarded-proto": "https, http" })).toBe("max-age=31536000");
    for (const told of ["http", "http, https", "", "httpsx"])
      expect(await adviceFor({ "x-forwarded-proto": told })).toBeUndefined();
    expect(await adviceFor({})).toBeUndefined();
    const page = await ask(listeners[which], { method: "GET", path: "/" }, { "x-forwarded-proto": "https" });
    expect(page.headers["strict-transport-security"]).toBe("max-age=31536000");
    expect(complaintsAbout(page)).toEqual([]);
  });

  test("is not given because a stranger says so", async () => {
    const direct = await openListeners();
    try {
      expect(await adviceFor({ "x-forwarded-proto": "https" }, direct[which])).toBeUndefined();
    } finally {
      await direct.close();
    }
  });
});
