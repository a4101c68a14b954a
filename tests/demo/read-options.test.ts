import { describe, expect, test } from "vitest";
import { UsageError } from "../../demo/demo-error.ts";
import { isLoopback } from "../../demo/is-loopback.ts";
import { readOptions } from "../../demo/read-options.ts";

const key = "hf_admin_abcdefgh";

/** The sentences with which a command line is refused. */
function complaintsOf(flags: readonly string[], environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    readOptions(flags, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("a rehearsal", () => {
  test("has more buyers than tickets and goes to this machine when nothing is said", () => {
    const options = readOptions([], {});
    expect(options.buyers).toBeGreaterThan(options.capacity);
    expect(isLoopback(options.url)).toBe(true);
    expect(options).toMatchObject({ killWorker: false, json: { kind: "none" }, key: null });
    expect(options.opsUrl?.port).toBe("3001");
    expect(options.keyFile).toMatch(/\.holdfast.admin-key$/);
  });

  test("is described by flags, and by the environment where there is no flag", () => {
    const options = readOptions(["--name", "Gala", "--hold", "9", "--kill-worker", "--seed", "7"], {
      DEMO_NAME: "Not this",
      DEMO_BUYERS: "12",
      DEMO_RATE: "",
      HOLDFAST_ADMIN_KEY: key,
      DATA_DIR: "kept",
    });
    expect(options).toMatchObject({
      name: "Gala",
      holdSeconds: 9,
      killWorker: true,
      seed: 7,
      buyers: 12,
      ratePerSecond: 250,
      key,
    });
    expect(options.keyFile).toMatch(/kept.admin-key$/);
  });

  test("takes another seed each time unless it is given one", () => {
    const seeds = new Set(Array.from({ length: 20 }, () => readOptions([], {}).seed));
    expect(seeds.size).toBeGreaterThan(1);
  });

  test("gives its result as text, for machines, or for machines in a file", () => {
    expect(readOptions(["--json"], {}).json).toEqual({ kind: "stdout" });
    expect(readOptions(["--json", "a.json"], {}).json).toMatchObject({
      kind: "file",
      path: expect.stringMatching(/a\.json$/),
    });
  });
});

describe("a mistake", () => {
  const mistakes: [flags: string[], sentence: string | RegExp][] = [
    [["--capcity", "5"], "unknown option '--capcity' (Did you mean --capacity?)"],
    [["--kill-workers"], "unknown option '--kill-workers' (Did you mean --kill-worker?)"],
    [["please"], /^too many arguments/],
    [["--capacity"], "option '--capacity <N>' argument missing."],
    [["--capacity", "0"], '--capacity must be a whole number from 1 to 10000000, not "0".'],
    [["--capacity", "1e3"], '--capacity must be a whole number from 1 to 10000000, not "1e3".'],
    [["--hold", "86401"], '--hold must be a whole number from 1 to 86400, not "86401".'],
    [["--buyers", "-1"], /^option '--buyers <N>' argument missing|^--buyers must be a whole number/],
    [["--rate", "2.5"], '--rate must be a whole number from 1 to 20000, not "2.5".'],
    [["--confirm", "101"], '--confirm must be a whole number from 0 to 100, not "101".'],
    [["--seed", "x"], /^--seed must be a whole number/],
    [["--name", ""], '--name must be 1 to 200 printable characters, not "".'],
    [["--name", "a\u001b[31mb"], '--name must be 1 to 200 printable characters, not "a?[31mb".'],
    [["--arrivals", "late"], '--arrivals must be poisson or even, not "late".'],
    [["--url", "shop"], /^--url must be a URL such as/],
    [["--url", "ftp://127.0.0.1"], /^--url must be a URL such as/],
    [["--url", "http://me:secret@127.0.0.1"], /^--url must be a URL such as/],
  ];
  test.each(mistakes)("is told in one sentence: %j", (flags, sentence) => {
    const complaints = complaintsOf(flags);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(
      sentence instanceof RegExp ? sentence : new RegExp(`^${RegExp.escape(sentence)}$`),
    );
  });

  test("in the environment is told by the variable's name", () => {
    expect(complaintsOf([], { DEMO_BUYERS: "many" })).toEqual([
      'DEMO_BUYERS must be a whole number from 1 to 1000000, not "many".',
    ]);
  });

  test("in the key does not show the key", () => {
    const complaints = complaintsOf(["--key", "two words"]);
    expect(complaints).toEqual([expect.stringMatching(/^--key must be an API key/)]);
    expect(complaints[0]).not.toContain("two words");
  });

  test("does not hide another", () => {
    expect(complaintsOf(["--capacity", "x", "--hold", "y", "--rate", "0"])).toHaveLength(3);
  });
});

describe("a service that is not on this machine", () => {
  const remote = "https://shop.example";

  test.each([
    [["--url", remote], remote],
    [["--url", "http://0.0.0.0:3000"], "http://0.0.0.0:3000"],
    [["--url", "http://127.0.0.1.shop.example"], "http://127.0.0.1.shop.example"],
    [["--url", "http://localhost.shop.example"], "http://localhost.shop.example"],
    [["--ops-url", "http://10.0.0.7:3001"], "http://10.0.0.7:3001"],
  ])("is refused in one sentence: %j", (flags, origin) => {
    expect(complaintsOf([...flags, "--key", key])).toEqual([
      `${origin} is not on this machine, and a rehearsal creates an event there and buys its tickets; ` +
        "add --allow-remote if that is what you want.",
    ]);
  });

  test("is allowed on request, with a key of its own and without this machine's operations listener", () => {
    const options = readOptions(["--url", remote, "--allow-remote", "--key", key], {});
    expect(options.url.origin).toBe(remote);
    expect(options.opsUrl).toBeNull();
    const both = ["--url", remote, "--ops-url", "http://10.0.0.7:3001", "--allow-remote", "--key", key];
    expect(readOptions(both, {}).opsUrl?.origin).toBe("http://10.0.0.7:3001");
  });

  test("is never sent the key that is kept on this machine", () => {
    expect(complaintsOf(["--url", remote, "--allow-remote"])).toEqual([
      expect.stringMatching(/the one kept on this machine is not sent elsewhere/),
    ]);
  });

  test("has no worker that can be killed from here", () => {
    expect(complaintsOf(["--url", remote, "--allow-remote", "--key", key, "--kill-worker"])).toEqual([
      expect.stringMatching(/^--kill-worker ends a process of this machine/),
    ]);
  });

  test.each(["http://127.0.0.1:3000", "http://127.8.9.1", "http://localhost:1", "http://[::1]:3000"])(
    "is not meant by %s",
    (url) => {
      expect(complaintsOf(["--url", url])).toEqual([]);
    },
  );
});
