import { createHash } from "node:crypto";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { type ProblemCode, problems } from "../../api/contract/problems.ts";
import { createBareApp, refuseTheRest } from "../../api/http/create-app.ts";
import { serveDocs } from "../../api/http/serve-docs.ts";
import { createLog } from "../../api/kernel/log.ts";

const app = createBareApp();
serveDocs(app);
refuseTheRest(app, { log: createLog("silent"), isUnavailable: () => false });

const codes = Object.keys(problems) as ProblemCode[];
/** What browsers send when somebody opens an address. */
const byBrowser = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

describe("/openapi.json", () => {
  it("is the document, as JSON", async () => {
    const answer = await request(app).get("/openapi.json");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.body).toMatchObject({ openapi: "3.1.0", info: { title: "Holdfast API" } });
  });
});

describe("the help page of a problem", () => {
  it.each(codes)("%s explains itself to people and to programs", async (code) => {
    const { title, status, help } = problems[code];
    const json = await request(app).get(`/problems/${code}`).set("Accept", "application/json");
    expect(json.body).toEqual({ code, title, status, help });

    const page = await request(app).get(`/problems/${code}`).set(byBrowser);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.text).toContain(`<h1>${title.replaceAll('"', "&quot;")}</h1>`);
    expect(page.text).toContain(code);
  });

  it("runs no script, fetches nothing, and allows its own style only", async () => {
    const page = await request(app).get("/problems/sold_out").set(byBrowser);
    const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? "";
    expect(style.length).toBeGreaterThan(500);
    const digest = createHash("sha256").update(style).digest("base64");
    const policy = page.headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'; ");
    expect(policy).toContain(`style-src 'sha256-${digest}'; `);
    expect(policy).not.toMatch(/unsafe|script-src|img-src/);
    expect(page.text).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|https?:/);
  });

  it("is JSON for a program that does not say what it takes", async () => {
    const answer = await request(app).get("/problems/sold_out").set("Accept", "*/*");
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.headers["vary"]).toBe("Accept");
  });

  it.each(["/problems/no_such_code", "/problems/toString", "/problems/__proto__"])(
    "%s is not found",
    async (path) => {
      const answer = await request(app).get(path).set(byBrowser);
      expect(answer.status).toBe(404);
      expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
      expect(answer.body).toMatchObject({ code: "not_found" });
    },
  );

  it("is found from the index, whose list is complete", async () => {
    const page = await request(app).get("/problems").set(byBrowser);
    const links = [...page.text.matchAll(/href="\/problems\/(\w+)"/g)].map(([, code]) => code);
    expect(links.sort()).toEqual([...codes].sort());
    const json = await request(app).get("/problems");
    expect(json.body).toMatchObject({ object: "list", has_more: false, total: codes.length });
  });
});

describe("the API reference", () => {
  it("gets its scripts and styles from here alone", async () => {
    const page = await request(app).get("/docs").set(byBrowser);
    expect(page.status).toBe(200);
    const policy = page.headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; ");
    expect(policy).toContain("connect-src 'self'; ");
    expect(page.text).not.toMatch(/\{\{|https?:|<script>|\sstyle=/);
    const addresses = [...page.text.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)].map(
      ([, address]) => address,
    );
    expect(addresses).toHaveLength(5);
    for (const address of addresses) {
      const asset = await request(app)
        .get(address ?? "")
        .buffer(true);
      expect(asset.status).toBe(200);
      expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(asset.headers["x-content-type-options"]).toBe("nosniff");
    }
  });

  it("is sent small to whoever can unpack it, and whole to others", async () => {
    const send = (encoding: string) =>
      request(app).get("/docs/assets/swagger-ui.css").set("Accept-Encoding", encoding);
    const [small, whole] = [await send("gzip"), await send("identity")];
    expect(small.headers["content-encoding"]).toBe("gzip");
    expect(whole.headers["content-encoding"]).toBeUndefined();
    expect(small.text).toBe(whole.text);
    expect(Number(small.headers["content-length"])).toBeLessThan(Number(whole.headers["content-length"]) / 2);
  });

  it.each(["package.json", "index.html", "swagger-ui-bundle.js.map", "..%2Fserve-docs.ts", "toString"])(
    "does not serve %s from the folders where its files lie",
    async (name) => {
      const answer = await request(app).get(`/docs/assets/${name}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: "not_found" });
    },
  );
});
