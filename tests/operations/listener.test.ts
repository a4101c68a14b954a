import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, sampleJob, type TestOperations } from "./open-test-operations.ts";
import { jobsReply } from "../../api/contract/job-lists.ts";

let service: TestService;
let tested: TestOperations;

beforeAll(async () => {
  service = await openTestService();
  tested = await openTestOperations({ connectionString: service.database.connectionString });
});
afterAll(async () => {
  await tested.close();
  await service.close();
});

const codeOf = (text: string) => JSON.parse(text).code as string;

describe("health", () => {
  test("is told for programs and for people", async () => {
    await waitFor("it to be ready", async () => (await tested.send("/readyz")).status === 200);
    expect(await tested.send("/livez")).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await tested.send("/livez", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    const verbose = await tested.send("/readyz?verbose");
    expect(verbose.status).toBe(200);
    expect(verbose.headers["content-type"]).toContain("text/plain");
    expect(verbose.text.split("\n")).toEqual([
      expect.stringMatching(/^\[\+\] database: The database answers in [\d.]+ ms\.$/),
      "[+] migrations: The schema is up to date.",
      "[+] workers: 1 of 1 wanted workers ready.",
      "",
    ]);
  });

  test("needs a worker that is ready, and every migration", async () => {
    tested.setCluster({ workers: [], live: 0 });
    await waitFor("the workers to be missed", async () => (await tested.send("/readyz")).status === 503);
    const missing = await tested.send("/readyz");
    expect(JSON.parse(missing.text)).toMatchObject({ code: "not_ready", detail: "No worker is ready." });
    expect(missing.headers["content-type"]).toContain("application/problem+json");
    expect(missing.headers["retry-after"]).toBe("1");
    expect((await tested.send("/readyz?verbose")).text).toContain("[-] workers: No worker is ready.");
    expect(await tested.send("/livez")).toMatchObject({ status: 200 });

    const { database } = service;
    await database.query(
      "update kysely_migration set name = '9999-later' where name = '0002-watch-machines'",
    );
    const other = await openTestOperations({ connectionString: database.connectionString });
    await waitFor("the migrations to be compared", async () =>
      (await other.send("/readyz")).text.includes("The database lacks 0002-watch-machines."),
    );
    await database.query(
      "update kysely_migration set name = '0002-watch-machines' where name = '9999-later'",
    );
    await waitFor("it to be ready", async () => (await other.send("/readyz")).status === 200);
    await other.close();
  });
});

describe("addresses and methods", () => {
  test("that do not exist are answered as problems", async () => {
    const cases: [method: string, path: string, status: number, code: string][] = [
      ["GET", "/ops/v1/nothing", 404, "not_found"],
      ["GET", "/ops/v1/overview/", 404, "not_found"],
      ["GET", "/missing.js", 404, "not_found"],
      ["POST", "/ops/v1/overview", 405, "method_not_allowed"],
      ["DELETE", "/metrics", 405, "method_not_allowed"],
      ["POST", "/", 405, "method_not_allowed"],
      ["GET", "/ops/v1/sales/x/pause", 405, "method_not_allowed"],
      ["OPTIONS", "/ops/v1/jobs/x/run", 405, "method_not_allowed"],
      ["GET", "/ops/v1/series?minutes=7", 422, "validation_failed"],
      ["GET", "/ops/v1/series?hours=7", 422, "validation_failed"],
    ];
    for (const [method, path, status, code] of cases) {
      const answer = await tested.send(path, { method });
      expect({ path, status: answer.status, code: codeOf(answer.text) }).toEqual({ path, status, code });
    }
    const wrong = await tested.send("/ops/v1/overview", { method: "PUT" });
    expect(wrong.headers["allow"]).toBe("GET, HEAD");
    expect((await tested.send("/ops/v1/jobs/x/run")).headers["allow"]).toBe("POST");
  });

  test("carry an id, and tell browsers to be careful", async () => {
    const { headers } = await tested.send("/ops/v1/overview", { headers: { "x-request-id": "mine" } });
    expect(headers).toMatchObject({
      "x-request-id": "mine",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("the dashboard's files", () => {
  test("are served with a strict policy, and pages find their way by themselves", async () => {
    const index = await tested.send("/");
    expect(index).toMatchObject({ status: 200, text: expect.stringContaining("<!doctype html>") });
    expect(index.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(index.headers["cache-control"]).toBe("no-cache");
    const policy = String(index.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(/script-src[^;]*unsafe/.test(policy)).toBe(false);
    expect(index.headers["x-content-type-options"]).toBe("nosniff");
    for (const path of ["/sales", "/workers/", "/reservations/1?x=y.z", "/assets"])
      expect((await tested.send(path)).text).toBe(index.text);
    expect(await tested.send("/", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  test("are compressed as the browser can take it, and kept for good when their name tells their content", async () => {
    const plain = await tested.send("/assets/index-abc.js");
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const ask = (accepted: string, path = "/assets/index-abc.js") =>
      tested.send(path, { headers: { "accept-encoding": accepted } });
    const brotli = await ask("gzip, deflate, br");
    expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding" });
    expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes);
    const gzip = await ask("gzip;q=0.5, br;q=0");
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes);
    expect((await ask("gzip;q=0, identity")).bytes).toEqual(plain.bytes);
    expect((await ask("br", "/favicon.png")).headers["content-encoding"]).toBeUndefined();
  });

  test("are not sent again when the browser has them", async () => {
    const { headers } = await tested.send("/");
    const again = await tested.send("/", { headers: { "if-none-match": String(headers["etag"]) } });
    expect(again).toMatchObject({ status: 304, text: "" });
  });

  test("are all there is: no path leads out of their folder", async () => {
    for (const path of [
      "/../package.json",
      "/assets/../../secret.txt",
      "/%2e%2e/package.json",
      "/..%2fpackage.json",
    ])
      expect((await tested.send(path)).status).toBe(404);
  });
});

describe("on a loopback address", () => {
  test("only a name of this machine's loopback is answered, so that no stranger's name leads here", async () => {
    const { port } = new URL(tested.url);
    const ask = (host: string, path = "/ops/v1/overview") => tested.send(path, { headers: { host } });
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", `[::1]:${port}`, "127.8.8.8"])
      expect((await ask(host)).status).toBe(200);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost@evil",
      "10.0.0.1",
    ]) {
      for (const path of ["/ops/v1/overview", "/", "/livez"]) {
        const answer = await ask(host, path);
        expect({ host, status: answer.status, code: codeOf(answer.text) }).toEqual({
          host,
          status: 403,
          code: "forbidden",
        });
      }
    }
  });

  test("changes are taken from the dashboard's own pages and from programs only", async () => {
    const event = await service.createEvent();
    const path = `/ops/v1/sales/${event.id}/pause`;
    const pause = (headers: Record<string, string>, body: unknown = { reason: "a" }) =>
      tested.send(path, { method: "POST", headers, body });
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:1" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) expect((await pause(headers)).status).toBe(403);
    expect((await pause({ "content-type": "text/plain" })).status).toBe(415);
    expect((await tested.send(path, { method: "POST" })).status).toBe(415);
    expect(await service.readEvent(event.id)).toMatchObject({ status: "on_sale" });
    const own = { origin: tested.url, "sec-fetch-site": "same-origin" };
    expect((await pause(own)).status).toBe(204);
  });
});

describe("on an address that others can reach", () => {
  let exposed: TestOperations;
  beforeAll(async () => {
    exposed = await openTestOperations({
      connectionString: service.database.connectionString,
      host: "0.0.0.0",
    });
  });
  afterAll(() => exposed.close());
  const as = (key: string) => ({ authorization: `Bearer ${key}` });

  test("health and the dashboard's files are open, the rest needs a key", async () => {
    for (const path of ["/livez", "/", "/sales", "/assets/index-abc.js"])
      expect((await exposed.send(path, { headers: { host: "ops.example" } })).status).toBe(200);
    expect([200, 503]).toContain((await exposed.send("/readyz")).status);
    const paths = [
      "overview",
      "series",
      "errors",
      "workers",
      "nodes",
      "sales",
      "jobs",
      "reservations?user_id=a",
      "verifications?phone_number=%2B15550000",
      "restocks?event_id=00000000-0000-7000-8000-000000000000",
      "outbox?kind=sms",
    ];
    for (const path of ["/metrics", ...paths.map((name) => `/ops/v1/${name}`)]) {
      const refused = await exposed.send(path);
      expect({ path, status: refused.status }).toEqual({ path, status: 401 });
      expect(refused.headers["www-authenticate"]).toContain("Bearer");
      expect(codeOf(refused.text)).toBe("unauthorized");
      for (const key of [service.keys.service, "hf_admin_no-such-key", "x"])
        expect((await exposed.send(path, { headers: as(key) })).status).toBe(401);
      for (const key of [service.keys.observer, service.keys.admin])
        expect((await exposed.send(path, { headers: as(key) })).status).toBe(200);
    }
  });

  test("changes need an admin", async () => {
    const event = await service.createEvent();
    for (const path of [`/ops/v1/sales/${event.id}/pause`, "/ops/v1/jobs/sweep/run"]) {
      const post = (headers: Record<string, string>) =>
        exposed.send(path, { headers, body: { reason: "a" } });
      expect((await post({})).status).toBe(401);
      expect((await post(as(service.keys.observer))).status).toBe(403);
      expect((await post({ ...as(service.keys.admin), origin: "https://evil.example" })).status).toBe(403);
    }
    const paused = await exposed.send(`/ops/v1/sales/${event.id}/pause`, {
      headers: as(service.keys.admin),
      body: { reason: "a" },
    });
    expect(paused.status).toBe(204);
    const audits = await service.database.query("select actor from event_audits where event_id = $1", [
      event.id,
    ]);
    expect(audits).toEqual([{ actor: "the dashboard (admin key)" }]);
  });
});

describe("jobs", () => {
  test("are told by whoever does them, and run when asked", async () => {
    const failing = sampleJob("delete-old-records", { state: "retrying", last_error: "no" });
    tested.report({
      jobs: [sampleJob("sweep-overdue-holds"), failing, sampleJob("fixed", { can_run_now: false })],
    });
    tested.report({ jobs: null }, 2);
    const { queues } = await tested.read("/ops/v1/jobs", jobsReply);
    expect(queues).toMatchObject([
      {
        name: "sweep-overdue-holds",
        counts: { waiting: 0, running: 0, retrying: 0, failed: 0 },
        runs_total: 5,
      },
      { name: "delete-old-records", counts: { retrying: 1 }, last_error: "no", failures_total: 1 },
      { name: "fixed", can_run_now: false },
    ]);
    const run = (name: string) => tested.send(`/ops/v1/jobs/${name}/run`, { body: {} });
    expect((await run("sweep-overdue-holds")).status).toBe(204);
    for (const name of ["fixed", "unknown", "%2f"]) expect((await run(name)).status).toBe(404);
    expect(tested.jobsRun).toEqual(["sweep-overdue-holds"]);
  });

  test("that wait in queues are counted by state as a worker reports them, and for the list in the database", async () => {
    const counts = { waiting: 7, running: 2, retrying: 1, failed: 1 };
    tested.report({
      jobs: [sampleJob("send-receipt", { counts }), sampleJob("of-another-version", { counts })],
    });
    const { queues } = await tested.read("/ops/v1/jobs", jobsReply);
    expect(queues).toMatchObject([
      { name: "send-receipt", counts: { waiting: 0, running: 0, retrying: 0, failed: 0 } },
      { name: "of-another-version", counts },
    ]);
    const { text: metrics } = await tested.send("/metrics");
    expect(metrics).toContain('holdfast_jobs{queue="send-receipt",state="waiting"} 7');
    expect(metrics).toContain('holdfast_jobs{queue="send-receipt",state="failed"} 1');
  });
});
