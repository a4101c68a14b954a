import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireUsableDatabase, UnusableDatabaseError } from "../../api/store/check-database.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { ensureSigningSecret } from "../../api/store/signing-secrets.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const address = (change: (url: URL) => void) => {
  const url = new URL(database.connectionString);
  change(url);
  return url.href;
};

test("a database that can be used is accepted", async () => {
  await expect(requireUsableDatabase(database.connectionString)).resolves.toBeUndefined();
});

test("a database that cannot be reached is refused in one sentence that names the setting", async () => {
  const addresses = [
    address((url) => (url.port = "1")),
    address((url) => (url.pathname = "/no_such_database")),
    address((url) => (url.hostname = "no-such-host.invalid")),
  ];
  for (const connectionString of addresses) {
    const refusal = requireUsableDatabase(connectionString);
    await expect(refusal).rejects.toBeInstanceOf(UnusableDatabaseError);
    await expect(refusal).rejects.toThrow(
      /^The database cannot be reached \(.+\); check DATABASE_URL and that it runs\.$/,
    );
  }
});

test("a server that does not speak PostgreSQL is refused too", async () => {
  const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expect(requireUsableDatabase(`postgres://u:p@127.0.0.1:${port}/d`)).rejects.toBeInstanceOf(
      UnusableDatabaseError,
    );
  } finally {
    server.close();
  }
});

test("every service that asks for a signing secret gets the same one, made once", async () => {
  const open = () =>
    openDatabase({ connectionString: database.connectionString, connectionsMax: 1, onLost: () => {} });
  const first = open();
  const pools = [first, open(), open()];
  const secrets = await Promise.all(pools.map((pool) => ensureSigningSecret(pool, "test")));
  expect(secrets[0]).toHaveLength(32);
  expect(new Set(secrets.map((secret) => secret.toString("hex"))).size).toBe(1);
  expect(await ensureSigningSecret(first, "another purpose")).not.toEqual(secrets[0]);
  await Promise.all(pools.map((pool) => pool.destroy()));
});
