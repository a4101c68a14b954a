import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PagesMissingError, requirePages } from "../../api/supervisor/require-pages.ts";
import { ensureAllPagesBuilt, ensurePagesBuilt, PagesBuildError } from "../../scripts/build-pages.mjs";

const projectRoot = resolve(import.meta.dirname, "../..");
let root: string;

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** A project with two pages of one line, of which the second packs the client. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "holdfast-build-"));
  await symlink(join(projectRoot, "node_modules"), join(root, "node_modules"));
  await cp(join(projectRoot, "package-lock.json"), join(root, "package-lock.json"));
  for (const pages of ["dashboard", "storefront"])
    await write(`${pages}/index.html`, '<script type="module" src="/main.js"></script>');
  await write("dashboard/main.js", 'document.title = "dashboard";');
  await write(
    "storefront/main.js",
    'import { title } from "../clients/typescript/client.js"; document.title = title;',
  );
  await write("clients/typescript/client.js", 'export const title = "first";');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function readScripts(pages: string): Promise<string> {
  const assets = join(root, pages, "dist/assets");
  const names = await readdir(assets);
  return (await Promise.all(names.map((name) => readFile(join(assets, name), "utf8")))).join("\n");
}

describe("the build of all pages", () => {
  it("makes the dashboard and the storefront, each in a folder of its own", async () => {
    const told: string[] = [];
    await ensureAllPagesBuilt({ root, tell: (text) => told.push(text) });
    expect(await readScripts("dashboard")).toContain("dashboard");
    expect(await readScripts("storefront")).toContain("first");
    expect(told.toSorted()).toEqual([
      "Building the dashboard; this is needed once.",
      "Building the storefront; this is needed once.",
    ]);
    told.length = 0;
    await ensureAllPagesBuilt({ root, tell: (text) => told.push(text) });
    expect(told).toEqual([]);
  });

  it("makes the storefront again when the client has changed, which is packed with it, and only that", async () => {
    await ensureAllPagesBuilt({ root });
    await write("clients/typescript/client.js", 'export const title = "second";');
    expect(await ensurePagesBuilt("dashboard", { root })).toMatchObject({ wasBuilt: false });
    expect(await ensurePagesBuilt("storefront", { root })).toMatchObject({ wasBuilt: true });
    expect(await readScripts("storefront")).toContain("second");
  });

  it("tells which one cannot be built, and finishes the other", async () => {
    await write("storefront/main.js", "this is no JavaScript");
    const failure = await ensureAllPagesBuilt({ root }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PagesBuildError);
    expect(String(failure)).toContain("The storefront could not be built");
    expect(await readScripts("dashboard")).toContain("dashboard");
  });
});

describe("pages that are not built", () => {
  it("are told in one sentence that names the folder and the way out", async () => {
    const folder = join(root, "storefront/dist");
    const missing = requirePages("storefront", folder);
    await expect(missing).rejects.toThrow(PagesMissingError);
    await expect(missing).rejects.toThrow(
      `The storefront is not built in ${folder}: start with "npm start", which builds it.`,
    );
    await ensurePagesBuilt("storefront", { root });
    await expect(requirePages("storefront", folder)).resolves.toBeUndefined();
  });
});
