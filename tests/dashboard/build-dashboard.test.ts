import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePagesBuilt, PagesBuildError } from "../../scripts/build-pages.mjs";

const projectRoot = resolve(import.meta.dirname, "../..");
const scriptBytesMax = 250_000;
let root: string;

/** A project with a page of one line, which is built like the real one. */
async function writeFileBelow(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const readDist = (path: string) => readFile(join(root, "dashboard/dist", path), "utf8");

async function readScripts(): Promise<string> {
  const names = await readdir(join(root, "dashboard/dist/assets"));
  const texts = await Promise.all(names.map((name) => readDist(join("assets", name))));
  return texts.join("\n");
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "holdfast-build-"));
  await symlink(join(projectRoot, "node_modules"), join(root, "node_modules"));
  await cp(join(projectRoot, "package-lock.json"), join(root, "package-lock.json"));
  await writeFileBelow("dashboard/index.html", '<script type="module" src="/main.js"></script>');
  await writeFileBelow("dashboard/main.js", 'document.title = "first";');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("the build of the dashboard", () => {
  it("happens when there is none, and again only when a source has changed", async () => {
    expect(await ensurePagesBuilt("dashboard", { root })).toEqual({
      dist: join(root, "dashboard/dist"),
      wasBuilt: true,
    });
    expect(await readScripts()).toContain("first");
    expect(await ensurePagesBuilt("dashboard", { root })).toMatchObject({ wasBuilt: false });

    await writeFileBelow("dashboard/main.js", 'document.title = "second";');
    expect(await ensurePagesBuilt("dashboard", { root })).toMatchObject({ wasBuilt: true });
    const scripts = await readScripts();
    expect(scripts).toContain("second");
    expect(scripts).not.toContain("first");
    const page = await readDist("index.html");
    const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(join(root, "dashboard/dist", path)))).toEqual([]);
  });

  it("happens once when several processes want it at once", async () => {
    const told: string[] = [];
    const tell = (text: string) => told.push(text);
    const all = await Promise.all([1, 2, 3].map(() => ensurePagesBuilt("dashboard", { root, tell })));
    expect(all.filter(({ wasBuilt }) => wasBuilt)).toHaveLength(1);
    expect(told.filter((text) => text.startsWith("Building"))).toHaveLength(1);
    expect(await readdir(join(root, "dashboard"))).toEqual(["dist", "index.html", "main.js"]);
  });

  it("that fails keeps what there was, leaves nothing behind, and tells why", async () => {
    await ensurePagesBuilt("dashboard", { root });
    await writeFileBelow("dashboard/main.js", "this is no JavaScript");
    const failure = await ensurePagesBuilt("dashboard", { root }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PagesBuildError);
    expect(String(failure)).toMatch(/The dashboard could not be built \(Vite ended with 1\)\.\n[^]*main\.js/);
    expect(await readScripts()).toContain("first");
    expect(await readdir(join(root, "dashboard"))).toEqual(["dist", "index.html", "main.js"]);
  });

  it("is of the kind for production, whatever the process is for that asks for it", async () => {
    await writeFileBelow("dashboard/main.js", "document.title = process.env.NODE_ENV;");
    await ensurePagesBuilt("dashboard", { root });
    expect(await readScripts()).toContain("production");
  });
});

describe("the built dashboard", () => {
  it("has no more than 250 kB of script, compressed, and shows itself before it has loaded its charts", async () => {
    const { dist } = await ensurePagesBuilt("dashboard");
    const names = (await readdir(join(dist, "assets"))).filter((name) => name.endsWith(".js"));
    const sizes = await Promise.all(
      names.map(
        async (name) =>
          [name, (await promisify(gzip)(await readFile(join(dist, "assets", name)))).length] as const,
      ),
    );
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(scriptBytesMax);
    const page = await readFile(join(dist, "index.html"), "utf8");
    const atOnce = sizes.filter(([name]) => page.includes(name));
    expect(atOnce.length).toBeGreaterThan(0);
    expect(atOnce.some(([name]) => name.startsWith("time-chart"))).toBe(false);
    expect(atOnce.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(scriptBytesMax / 2);
  });

  it("has no script within its page, which the content security policy would not run", async () => {
    const { dist } = await ensurePagesBuilt("dashboard");
    const page = await readFile(join(dist, "index.html"), "utf8");
    const scripts = [...page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(1);
    for (const [, attributes, content] of scripts) {
      expect(attributes).toContain('src="/');
      expect(content).toBe("");
    }
    expect(page).not.toMatch(/https?:\/\//);
  });
});
