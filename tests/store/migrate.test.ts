import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "../../api/store/migrate.ts";
import { describeSchema } from "../support/describe-schema.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

const folder = resolve(import.meta.dirname, "../../migrations");
let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase({ empty: true });
});
afterEach(() => database.close());

test("the migrations make the schema that migrations/schema.txt describes; npm run schema writes it anew", async () => {
  await migrate(database.connectionString, folder);
  expect(await describeSchema(database.connectionString)).toBe(
    await readFile(join(folder, "schema.txt"), "utf8"),
  );
});

test("five services that start at once migrate once between them", async () => {
  const applied = await Promise.all(
    Array.from({ length: 5 }, () => migrate(database.connectionString, folder)),
  );
  const names = applied.flat();
  expect(names.length).toBeGreaterThan(0);
  expect(new Set(names).size).toBe(names.length);
  expect(applied.filter((list) => list.length > 0)).toHaveLength(1);
});

test("a database that is up to date is left alone", async () => {
  await migrate(database.connectionString, folder);
  const before = await describeSchema(database.connectionString);
  expect(await migrate(database.connectionString, folder)).toEqual([]);
  expect(await describeSchema(database.connectionString)).toBe(before);
});

test("a migration that fails leaves the database as it was, and the service does not start on it", async () => {
  const broken = await mkdtemp(join(tmpdir(), "holdfast-test-migrations-"));
  const migration = (statement: string) =>
    `import { sql } from ${JSON.stringify(import.meta.resolve("kysely"))};
     export const up = async (database) => { await sql.raw(${JSON.stringify(statement)}).execute(database); };`;
  try {
    await writeFile(join(broken, "0001-good.ts"), migration("create table good (id int)"));
    await writeFile(join(broken, "0002-bad.ts"), migration("create table bad (id no_such_type)"));
    await expect(migrate(database.connectionString, broken)).rejects.toThrow("no_such_type");
    expect(await describeSchema(database.connectionString)).toBe("\n");
    await rm(join(broken, "0002-bad.ts"));
    await writeFile(join(broken, "0002-empty.ts"), "export const down = null;");
    await expect(migrate(database.connectionString, broken)).rejects.toThrow(
      'Migration 0002-empty.ts has no function "up"',
    );
  } finally {
    await rm(broken, { recursive: true });
  }
});
