// `npm run schema` writes migrations/schema.txt: what the migrations make, as text that a review can read.
// A test compares it with the database, so that no migration changes more or less than it says.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { migrate } from "../api/store/migrate.ts";
import { describeSchema } from "../tests/support/describe-schema.ts";
import { databaseUrl, onServer } from "../tests/support/on-server.ts";
import { startPostgresForTests } from "../tests/support/postgres-server.ts";

const folder = resolve(import.meta.dirname, "../migrations");
const server = await startPostgresForTests();
const databaseName = `holdfast_schema_${process.pid}`;
try {
  await onServer(server.connectionString, `create database ${databaseName} template template0`);
  const connectionString = databaseUrl(server.connectionString, databaseName);
  await migrate(connectionString, folder);
  await writeFile(resolve(folder, "schema.txt"), await describeSchema(connectionString));
  console.log("migrations/schema.txt is up to date.");
} finally {
  await onServer(server.connectionString, `drop database if exists ${databaseName} with (force)`);
  await server.stop();
}
