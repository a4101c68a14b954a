import { describe, expect, it } from "vitest";
import { listFiles, readSources, type Source, source } from "./read-sources.ts";
import { roomOf } from "./room-rules.ts";

const api = readSources("api");
const folders = [
  "api",
  "node-cluster-autoscale",
  "clients",
  "dashboard",
  "demo",
  "deploy",
  "migrations",
  "bench",
  "chaos",
  "scripts",
  "storefront",
  "tests",
];
const linesMax = 300;

/** The rooms whose exported functions and classes are read without their bodies. */
const documented = new Set(["store", "domain", "desk", "features", "kernel", "contract", "operations"]);
/** The rooms with a listener. */
const speaksHttp = new Set(["http", "operations"]);
/** Text that reads like a statement. Only what is quoted counts, so that comments may speak of tables. */
const statement =
  /["'`]\s*(?:select\s[^"'`]*?\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s)/i;
const machinePath = /["'`(=\s](?:\/(?:work|home|root|Users|mnt)\/\w|[A-Z]:\\\\?\w)/;

interface Habit {
  readonly habit: string;
  readonly complain: (source: Source) => readonly string[];
  readonly bad: Source;
}

const habits: readonly Habit[] = [
  {
    habit: `no file is longer than ${linesMax} lines`,
    complain: ({ path, text }) => {
      const lines = text.trimEnd().split("\n").length;
      return lines > linesMax ? [`${path} has ${lines} lines.`] : [];
    },
    bad: source("api/kernel/long.ts", "\n".repeat(linesMax) + "export {};"),
  },
  {
    habit: "what is exported tells what it is for",
    complain: complainAboutDocstrings,
    bad: source("api/kernel/bare.ts", "const a = 1;\nexport async function bare() {}"),
  },
  {
    habit: "SQL is written in store and in migrations only",
    complain: ({ path, code }) =>
      roomOf(path) !== "store" && (statement.test(code) || /\bsql(?:<[^>`]*>)?`/.test(code))
        ? [`${path} contains SQL, which belongs to store.`]
        : [],
    bad: source("api/desk/read.ts", 'const text = "select id from events where id = $1";'),
  },
  {
    habit: "requests and responses stay with the listeners",
    complain: ({ path, code }) =>
      !speaksHttp.has(roomOf(path) ?? "") && /\b(?:req|res|express)\b/.test(code)
        ? [`${path} speaks of req, res or express, which belong to http and operations.`]
        : [],
    bad: source("api/features/events/find.ts", "export const find = (req: unknown) => req;"),
  },
  {
    habit: "nothing writes to the console",
    complain: ({ path, code }) =>
      /\bconsole\s*\./.test(code) ? [`${path} uses the console instead of the log.`] : [],
    bad: source("api/kernel/talk.ts", 'console.log("hello");'),
  },
  {
    habit: "no path of any one machine is built in",
    complain: ({ path, text }) => {
      const found = machinePath.exec(text);
      return found === null ? [] : [`${path} contains the absolute path "${found[0].trim()}...".`];
    },
    bad: source("api/kernel/paths.ts", `const folder = "${["", "home", "me"].join("/")}";`),
  },
];

describe("the service's code", () => {
  it.each(habits)("$habit", ({ complain, bad }) => {
    expect(api.flatMap(complain)).toEqual([]);
    expect(complain(bad)).toEqual([expect.stringContaining(bad.path)]);
  });
});

describe("every folder", () => {
  it("names its files in kebab-case", () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)?\.[a-z]+$/;
    const conventional = new Set(["README.md", "LICENSE"]);
    const names = (path: string) => path.split("/").at(-1) ?? "";
    const wrong = folders
      .flatMap(listFiles)
      .filter((path) => !kebab.test(names(path)) && !conventional.has(names(path)));
    expect(wrong).toEqual([]);
  });

  it("contains no path of any one machine", () => {
    const texts = folders.flatMap(readSources).filter(({ text }) => machinePath.test(text));
    expect(texts.map(({ path }) => path)).toEqual([]);
  });
});

function complainAboutDocstrings({ path, text }: Source): string[] {
  if (!documented.has(roomOf(path)?.split("/")[0] ?? "")) return [];
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const name = /^export (?:default )?(?:async )?(?:abstract )?(?:function\*?|class) (\w+)/.exec(line)?.[1];
    if (name === undefined || lines[index - 1]?.endsWith("*/") === true) return [];
    return [`${path} exports ${name} without a docstring.`];
  });
}
