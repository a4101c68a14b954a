import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Counted by reading: each test of this folder names the item that it proves, before anything else. */
const own = "count-the-items.test.ts";
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts") && name !== own);
const texts = files.map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));

const numbersOf = (text: string) =>
  [...text.matchAll(/^\s*(?:test\(|test\.each\(.*\)\(|\S*\)\(|)\s*"\((\d+)\) /gm)].map(([, number]) =>
    Number(number),
  );

test("all 30 items of bad input have a test", () => {
  const found = new Set(texts.flatMap(numbersOf));
  expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});

test.each(files.map((name, index) => [name, texts[index] ?? ""] as const))(
  "every test of %s says which item it proves",
  (_name, text) => {
    const tests = text.match(/\btest(?:\.each)?\(/g) ?? [];
    expect(numbersOf(text)).toHaveLength(tests.length);
    expect(text).not.toMatch(/\b(?:test|describe)\.(?:skip|only|todo)/);
  },
);
