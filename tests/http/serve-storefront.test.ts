import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeServer } from "../../api/http/close-server.ts";
import { createApp } from "../../api/http/create-app.ts";
import { listen, urlOf } from "../../api/http/listen.ts";
import { ownContentOnly, PageFiles } from "../../api/http/page-files.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

const script = "const a = 1;\n".repeat(1_000);
let service: TestService;
let folder: string;
let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  service = await openTestService();
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-storefront-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Tickets</title>");
  await writeFile(join(folder, "assets/index-abc.js"), script);
  await writeFile(join(folder, "icon.svg"), "<svg/>");
  const app = createApp(service.services, new PageFiles(folder, ownContentOnly));
  const server = await listen(app, { host: "127.0.0.1", port: 0, setting: "PORT" });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = () => closeServer(server);
});
afterAll(async () => {
  await stop?.();
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Page {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly bytes: Buffer;
}

/** Asks for a path just as it is written, and takes what comes without decompressing it. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Page> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = sendRequest({ hostname, port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("a page that makes style sheets is given another word for it in each answer", async () => {
  const place = await mkdtemp(join(tmpdir(), "holdfast-test-storefront-"));
  await writeFile(join(place, "index.html"), '<meta property="csp-nonce" nonce="{{nonce}}">');
  const app = createApp(service.services, new PageFiles(place, ownContentOnly));
  const own = await listen(app, { host: "127.0.0.1", port: 0, setting: "PORT" });
  const words = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    const page = await fetch(`${urlOf(own, "127.0.0.1")}/`, { headers: { "if-none-match": "*" } });
    const word = /nonce="([\w+/]{22}==)"/.exec(await page.text())?.[1] ?? "";
    expect(page.headers.get("content-security-policy")).toContain(`style-src 'self' 'nonce-${word}';`);
    expect([page.status, page.headers.get("etag")]).toEqual([200, null]);
    words.add(word);
  }
  expect(words.size).toBe(3);
  await closeServer(own);
  await rm(place, { recursive: true });
});

describe("the storefront", () => {
  const eventId = "0198c0de-0000-7000-8000-000000000001";

  test.each([
    "/",
    "/?search=jazz",
    `/events/${eventId}`,
    "/cart",
    "/checkout",
    `/orders/${eventId}`,
    "/tickets",
  ])("begins every page with the same file: %s", async (path) => {
    const page = await ask(path);
    expect(page.status).toBe(200);
    expect(page.bytes.toString()).toContain("<title>Tickets</title>");
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.stringMatching(/./),
    });
    const head = await ask(path, {}, "HEAD");
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers["content-length"]).toBe(String(page.bytes.length));
  });

  test("lets a browser load and call nothing but itself, and be shown in nobody's frame", async () => {
    const policy = String((await ask("/")).headers["content-security-policy"]);
    const rules = policy.split("; ");
    expect(rules).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]),
    );
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  });

  test("has files whose names tell their content, to be kept for good and sent as the browser takes them", async () => {
    const plain = await ask("/assets/index-abc.js");
    expect(plain.bytes.toString()).toBe(script);
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const brotli = await ask("/assets/index-abc.js", { "accept-encoding": "gzip, br" });
    expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding" });
    expect(brotliDecompressSync(brotli.bytes).toString()).toBe(script);
    const gzip = await ask("/assets/index-abc.js", { "accept-encoding": "gzip" });
    expect(gunzipSync(gzip.bytes).toString()).toBe(script);
    const again = await ask("/assets/index-abc.js", { "if-none-match": String(plain.headers["etag"]) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    expect((await ask("/icon.svg")).headers["content-type"]).toBe("image/svg+xml");
  });

  test("takes no address from the API: what is not there is still a problem document", async () => {
    for (const path of [
      "/nothing",
      "/nothing.js",
      "/assets/missing.js",
      "/v1/nothing",
      "/v1",
      "/events",
      "/assets/../../package.json",
      "/..%2fpackage.json",
    ]) {
      const missing = await ask(path);
      expect([path, missing.status, missing.headers["content-type"]]).toEqual([
        path,
        404,
        "application/problem+json; charset=utf-8",
      ]);
    }
    expect((await ask("/", {}, "POST")).status).toBe(404);
    expect((await ask("/livez")).bytes.toString()).toBe('{"status":"ok"}');
    expect((await ask("/openapi.json")).headers["content-type"]).toContain("application/json");
    expect((await ask("/docs")).bytes.toString()).not.toContain("<title>Tickets</title>");
    expect((await ask("/v1/events")).bytes.toString()).toContain('"object":"list"');
  });

  test("is absent where there is none, as on a listener without it", async () => {
    const response = await fetch(service.url);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  });
});
