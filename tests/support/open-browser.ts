import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const launchMaxMs = 30_000;
const knownPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** A browser that can be started. */
interface FoundBrowser {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where libraries lie that the machine may lack; null for a browser that is installed with its own. */
  readonly libraries: string | null;
}

/**
 * Starts a Chromium: the one that CHROME_PATH names, the one in the installed package, or one of this machine. Needs no
 * system package, and works as any user.
 */
export async function openBrowser(): Promise<Browser> {
  const { path, env, libraries } = await findBrowser();
  const launch = (additions: Readonly<Record<string, string>> = {}) =>
    chromium.launch({
      executablePath: path,
      timeout: launchMaxMs,
      env: { ...process.env, ...env, ...additions },
      args: ["--disable-gpu", "--no-zygote", "--font-render-hinting=none"],
    });
  try {
    return await launch();
  } catch (error) {
    const lacksLibraries = String(error).includes("error while loading shared libraries");
    if (libraries === null || !lacksLibraries) throw error;
    return launch({ LD_LIBRARY_PATH: libraries });
  }
}

async function findBrowser(): Promise<FoundBrowser> {
  const named = process.env["CHROME_PATH"];
  if (named !== undefined && named !== "") return { path: named, env: {}, libraries: null };
  if (process.platform === "linux" && process.arch === "x64") return unpackBrowser();
  const path = knownPlaces.find((place) => existsSync(place));
  if (path === undefined) {
    throw new Error(
      "The browser tests need Chrome or Chromium here: install one, or name it in CHROME_PATH.",
    );
  }
  return { path, env: {}, libraries: null };
}

/**
 * Unpacks the package's browser into a folder of this user, once for each version. Not where the package itself would:
 * that place is the same for all users, and only the first of them may run what lies there.
 */
async function unpackBrowser(): Promise<FoundBrowser> {
  const bin = join(dirname(require.resolve("@sparticuz/chromium")), "../bin");
  const { version } = require(resolve(bin, "../package.json")) as { version: string };
  const folder = join(tmpdir(), `holdfast-chromium-${version}-${userInfo().uid}`);
  const found = await stat(join(folder, "chromium")).catch(() => null);
  if (found === null) await unpackInto(folder, bin);
  // Others can write to the folder for temporary files too; what they put there is not run.
  else if (found.uid !== userInfo().uid) throw new Error(`${folder} belongs to another user: remove it.`);
  return {
    path: join(folder, "chromium"),
    env: { FONTCONFIG_FILE: join(folder, "fonts.conf"), HOME: folder },
    libraries: join(folder, "al2023/lib"),
  };
}

/** Unpacks aside and moves the whole into place, so that two test files at once never see half of it. */
async function unpackInto(folder: string, bin: string): Promise<void> {
  const draft = await mkdtemp(`${folder}.`);
  const { inflate } = await import("@sparticuz/chromium");
  // The package unpacks into the folder for temporary files, which it reads before it first waits.
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = draft;
  const archives = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];
  const unpacked = archives.map((name) => inflate(join(bin, name)));
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  try {
    await Promise.all(unpacked);
    await mkdir(join(draft, "cache"));
    await writeFile(join(draft, "fonts.conf"), fontsConfiguration(folder));
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(join(folder, "chromium"))) throw error;
  }
}

/** Only the package's own font, so that pages look the same on every machine. */
function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/cache</cachedir>
</fontconfig>
`;
}
