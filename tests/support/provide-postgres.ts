import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureAllPagesBuilt } from "../../scripts/build-pages.mjs";
import { migrate } from "../../api/store/migrate.ts";
import { databaseUrl, onServer } from "./on-server.ts";
import { startPostgresForTests } from "./postgres-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A database whose user may create others. */
    serverUrl: string;
    /** The database that every test file clones. */
    templateName: string;
  }
}

/**
 * Starts PostgreSQL once for the whole run, prepares the database that each test file clones, and builds the pages
 * that every started service serves.
 */
export default async function providePostgres(project: TestProject): Promise<() => Promise<void>> {
  await ensureAllPagesBuilt();
  const server = await startPostgresForTests();
  const templateName = `holdfast_template_${process.pid}`;
  await onServer(
    server.connectionString,
    `drop database if exists ${templateName}`,
    `create database ${templateName}`,
  );
  await migrate(
    databaseUrl(server.connectionString, templateName),
    resolve(import.meta.dirname, "../../migrations"),
  );
  project.provide("serverUrl", server.connectionString);
  project.provide("templateName", templateName);
  return async () => {
    await onServer(server.connectionString, `drop database if exists ${templateName} with (force)`);
    await server.stop();
  };
}
