import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureAdminKey } from "../../api/features/access/ensure-admin-key.ts";
import { generateKey, hashKey } from "../../api/features/access/hash-key.ts";
import { openReply, sealReply } from "../../api/features/access/seal-reply.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

describe("a sealed reply", () => {
  test("is opened by the same client to the byte", () => {
    const text = fc.string({ unit: "binary" }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(text, text, (body, secret) => {
        expect(openReply(sealReply(body, secret), secret)).toBe(body);
      }),
    );
  });

  test("shows nothing of its content, and is another text each time", () => {
    const body = `{"key":"${generateKey("admin")}"}`;
    const [one, two] = [sealReply(body, "s"), sealReply(body, "s")];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, "base64").includes("hf_admin_")).toBe(false);
  });

  test("is not opened by another client, nor after a change of any byte", () => {
    const sealed = Buffer.from(sealReply("the reply", "mine"), "base64");
    expect(() => openReply(sealed.toString("base64"), "theirs")).toThrow(/authenticate/);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => openReply(changed.toString("base64"), "mine")).toThrow(/authenticate/);
    }
  });
});

describe("the admin key", () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let dataDir: string;

  beforeAll(async () => {
    testDatabase = await openTestDatabase();
    database = openDatabase({
      connectionString: testDatabase.connectionString,
      connectionsMax: 4,
      onLost: () => {},
    });
    dataDir = await mkdtemp(join(tmpdir(), "holdfast-test-key-"));
  });
  afterAll(async () => {
    await database.destroy();
    await testDatabase.close();
    await rm(dataDir, { recursive: true });
  });

  const liveKeys = () =>
    testDatabase.query<{ name: string; digest: Buffer }>(
      "select name, digest from api_keys where revoked_at is null order by name",
    );

  test("is made once, also by services that start together, and kept where only the operator reads it", async () => {
    const keys = await Promise.all(
      [1, 2, 3].map(() => ensureAdminKey(database, { configured: null, dataDir, machine: "one" })),
    );
    expect(new Set(keys).size).toBe(1);
    expect((await stat(join(dataDir, "admin-key"))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, "admin-key"), "utf8")).trim()).toBe(keys[0]);
    expect(await liveKeys()).toEqual([
      { name: "made at the first start on one", digest: hashKey(keys[0] ?? "") },
    ]);
  });

  test("of one machine does not end another's on the same database", async () => {
    const otherDir = await makeDataDir();
    const keyOf = (machine: string, folder: string) =>
      ensureAdminKey(database, { configured: null, dataDir: folder, machine });
    const keys = [await keyOf("one", dataDir), await keyOf("two", otherDir), await keyOf("one", dataDir)];
    const digests = (await liveKeys()).map(({ digest }) => digest);
    for (const key of keys) expect(digests).toContainEqual(hashKey(key));
    await removeDataDir(otherDir);
  });

  test("that is configured takes the place of the one configured before", async () => {
    const keyNames = [1, 2].map(() => `hf_admin_${randomBytes(12).toString("hex")}`);
    for (const configured of keyNames) {
      expect(await ensureAdminKey(database, { configured, dataDir, machine: "one" })).toBe(configured);
      const named = (await liveKeys()).filter(({ name }) => name === "HOLDFAST_ADMIN_KEY");
      expect(named.map(({ digest }) => digest)).toEqual([hashKey(configured)]);
    }
    await ensureAdminKey(database, { configured: keyNames[0] ?? null, dataDir, machine: "one" });
    expect((await liveKeys()).map(({ digest }) => digest)).toContainEqual(hashKey(keyNames[0] ?? ""));
  });

  test("cannot be kept where nothing can be written, and that is said", async () => {
    const file = join(dataDir, "not-a-folder");
    await writeFile(file, "");
    await expect(
      ensureAdminKey(database, { configured: null, dataDir: file, machine: "one" }),
    ).rejects.toThrow("ENOTDIR");
  });
});
