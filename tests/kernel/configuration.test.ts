import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError, isLoopback, readConfiguration } from "../../api/kernel/configuration.ts";

describe("the configuration", () => {
  test("has a default for everything", () => {
    expect(readConfiguration({}, [])).toEqual({
      port: 3000,
      host: "127.0.0.1",
      databaseUrl: null,
      dataDir: resolve(import.meta.dirname, "../../.holdfast"),
      adminKey: null,
      logLevel: "info",
      trustedProxies: [],
      demo: true,
    });
  });

  test("comes from the environment, and from flags, which win", () => {
    const environment = {
      PORT: "4000",
      HOST: "0.0.0.0",
      DATABASE_URL: "postgres://u:p@db/holdfast",
      DATA_DIR: "/srv/holdfast",
      HOLDFAST_ADMIN_KEY: "hf_admin_12345678",
      LOG_LEVEL: "warn",
      TRUSTED_PROXIES: "10.0.0.0/8, ::1",
      DEMO: "1",
    };
    const configuration = readConfiguration(environment, [
      "--port",
      "5000",
      "--demo",
      "0",
      "--admin-key",
      "hf_admin_abcdefgh",
    ]);
    expect(configuration).toEqual({
      port: 5000,
      host: "0.0.0.0",
      databaseUrl: "postgres://u:p@db/holdfast",
      dataDir: "/srv/holdfast",
      adminKey: "hf_admin_abcdefgh",
      logLevel: "warn",
      trustedProxies: ["10.0.0.0/8", "::1"],
      demo: false,
    });
  });

  test("takes a setting that is empty in the environment as one that is absent", () => {
    expect(readConfiguration({ PORT: "", DATABASE_URL: "" }, [])).toMatchObject({
      port: 3000,
      databaseUrl: null,
    });
  });

  test.each([
    [{}, true],
    [{ HOST: "localhost" }, true],
    [{ HOST: "0.0.0.0" }, false],
    [{ DATABASE_URL: "postgresql://db/x" }, false],
    [{ DATABASE_URL: "postgresql://db/x", DEMO: "1" }, true],
    [{ DEMO: "0" }, false],
  ])("is a demo only where it is safe to be one, or asked for: %j is %s", (environment, demo) => {
    expect(readConfiguration(environment, []).demo).toBe(demo);
  });

  test.each(["-1", "65536", "3000x", " 3000", "3e3", "99999999999"])("refuses the port %j", (port) => {
    expect(() => readConfiguration({ PORT: port }, [])).toThrow(ConfigurationError);
  });

  test("never repeats a secret in its complaint", () => {
    const secrets = { DATABASE_URL: "hunter2", HOLDFAST_ADMIN_KEY: "hunter2" };
    expect(() => readConfiguration(secrets, [])).toThrow(/^(?!.*hunter2)/s);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["127.0.0.1.example", false],
  ["192.168.0.1", false],
])("whether %s is this machine alone is %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
