import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/provide-postgres.ts"],
    // Node loads the tests and the service itself, as in production. That is also the only way in which the
    // coverage that V8 counts belongs to the files on disk.
    pool: "threads",
    experimental: { viteModuleRunner: false },
    // Most of a test's time is waiting for PostgreSQL, and every file has connections of its own.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
});
