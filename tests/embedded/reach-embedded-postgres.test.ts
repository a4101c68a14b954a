import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
} from "node:fs";
import { rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chooseBinaries } from "../../api/store/embedded/choose-binaries.ts";
import { completeLinks } from "../../api/store/embedded/complete-links.ts";
import { checkPrivateDirectory, copyBinaries } from "../../api/store/embedded/copy-binaries.ts";
import { locateBinaries } from "../../api/store/embedded/locate-binaries.ts";
import type { Binaries } from "../../api/store/embedded/locate-binaries.ts";
import {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from "../../api/store/embedded/start-embedded-postgres.ts";
import { makeDataDir, query, start, startInChild } from "./embedded-trial.ts";

const asRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65534, gid: 65534 };
const SOME_LINK = "native/lib/libicuuc.so.60";

function makeFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-reach-"));
  chmodSync(folder, mode);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The package as npm leaves it when install scripts do not run: without the links. */
async function copyPackageWithoutLinks(folder: string): Promise<Binaries> {
  const installed = await locateBinaries();
  const packageDirectory = join(folder, "package");
  cpSync(installed.packageDirectory, packageDirectory, {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink(),
  });
  return { packageDirectory, version: `${installed.version}-test${process.pid}` };
}

test.runIf(asRoot)(
  "root under a closed folder keeps the data outside, behind a link",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir({ mode: 0o700 });
    const first = await start(dataDir);
    await query(first.connectionString, "create table kept as select 42 as answer");
    const link = join(dataDir, "postgres");
    expect(readlinkSync(link)).toBe(first.dataDirectory);
    expect(statSync(first.dataDirectory).uid).not.toBe(0);
    expect(statSync(dirname(first.dataDirectory)).uid).toBe(0);
    await first.stop();

    const second = await start(dataDir);
    expect(second.dataDirectory).toBe(first.dataDirectory);
    expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  },
);

test.runIf(asRoot)("a link to data that is gone is refused instead of starting empty", async () => {
  const dataDir = makeDataDir();
  mkdirSync(dataDir, { recursive: true });
  symlinkSync(join(dataDir, "gone", "postgres"), join(dataDir, "postgres"));
  const started = startEmbeddedPostgres({ dataDir, log: () => undefined });
  await expect(started).rejects.toThrow(EmbeddedPostgresError);
  await expect(started).rejects.toThrow(/which is gone: restore it, or remove the link/);
});

/** Whether every user may enter the project: in one that is closed to others, nobody but its owner can start it. */
function isOpenToAll(path: string): boolean {
  const folder = dirname(path);
  return (statSync(folder).mode & 0o001) !== 0 && (folder === path || isOpenToAll(folder));
}

const anotherUserCanRunUs = asRoot && isOpenToAll(process.execPath);
test.runIf(anotherUserCanRunUs)(
  "an ordinary user under a closed home works in place",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir({ mode: 0o700 });
    chownSync(dirname(dataDir), NOBODY.uid, NOBODY.gid);
    const { child, report } = await startInChild(dataDir, NOBODY);
    expect(report.refusal).toBeUndefined();
    expect(report.dataDirectory).toBe(join(dataDir, "postgres"));
    expect(statSync(report.dataDirectory).uid).toBe(NOBODY.uid);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    child.kill("SIGKILL");

    // Root continues with the same data as the user that owns it.
    const asRootAgain = await start(dataDir);
    expect(asRootAgain.adopted).toBe(true);
    await asRootAgain.stop();
  },
);

test.runIf(asRoot)(
  "root's server runs from a copy when its user cannot enter the project",
  { timeout: 30_000 },
  async () => {
    const closed = makeFolder(0o700);
    const binaries = await copyPackageWithoutLinks(closed);
    const messages: string[] = [];
    const options = {
      binaries,
      dataDir: closed,
      user: NOBODY,
      log: (message: string) => void messages.push(message),
    };
    const copy = await chooseBinaries(options);
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    expect(copy.startsWith(closed)).toBe(false);
    expect(messages).toEqual([
      `PostgreSQL runs from a copy in ${copy}, because its user cannot reach the project.`,
    ]);
    expect(await checkPrivateDirectory(copy)).toBe("private");
    expect(lstatSync(join(copy, SOME_LINK)).isSymbolicLink()).toBe(true);

    const made = statSync(copy).ino;
    expect(await chooseBinaries(options)).toBe(copy);
    expect(statSync(copy).ino).toBe(made);
  },
);

test.runIf(process.platform === "linux")("missing links between libraries are made in place", async () => {
  const folder = makeFolder(0o755);
  const binaries = await copyPackageWithoutLinks(folder);
  expect(existsSync(join(binaries.packageDirectory, SOME_LINK))).toBe(false);
  const options = { binaries, dataDir: folder, user: undefined, log: () => undefined };
  expect(await chooseBinaries(options)).toBe(binaries.packageDirectory);
  expect(lstatSync(join(binaries.packageDirectory, SOME_LINK)).isSymbolicLink()).toBe(true);
  expect(await completeLinks(binaries.packageDirectory)).toBe(true);
});

test.runIf(process.platform === "linux")("a library that the machine lacks is named", async () => {
  const folder = makeFolder(0o755);
  const binaries = await copyPackageWithoutLinks(folder);
  rmSync(join(binaries.packageDirectory, "native/lib/libicuuc.so.60.2"));
  const options = { binaries, dataDir: folder, user: undefined, log: () => undefined };
  await expect(chooseBinaries(options)).rejects.toThrow(
    "PostgreSQL cannot run here because the shared library libicuuc.so.60 is missing: install it, or set " +
      "DATABASE_URL to a PostgreSQL of your own.",
  );
});

test("a copy that others could have written is not used", async () => {
  const folder = makeFolder(0o700);
  const binaries: Binaries = { packageDirectory: folder, version: "1" };
  const planted = join(folder, `postgresql-1-${process.platform}-${process.arch}`);
  mkdirSync(planted);
  chmodSync(planted, 0o777);
  expect(await copyBinaries(binaries, folder)).toBeUndefined();
  chmodSync(folder, 0o777);
  rmSync(planted, { recursive: true });
  expect(await copyBinaries(binaries, folder)).toBeUndefined();
});
