import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readOptions, UsageError } from "../../chaos/run/read-options.ts";

const complaintOf = (...flags: string[]): string => {
  try {
    readOptions(flags);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
};

describe("the options of a chaos run", () => {
  test("are a minute of everything with a fresh seed when nothing is said", () => {
    const [one, other] = [readOptions([]), readOptions([])];
    expect(one).toMatchObject({ seconds: 60, jsonFile: null, historyFile: null, keep: false });
    expect(one.scenario.name).toBe("everything");
    expect(one.seed).not.toBe(other.seed);
  });

  test("are taken as they are given", () => {
    const flags = "--seconds 600 --seed 7 --scenario worker-kills --rate 100 --json a --history b --keep";
    const { scenario, ...options } = readOptions(flags.split(" "));
    expect(scenario.name).toBe("worker-kills");
    expect(options).toEqual({
      seconds: 600,
      seed: 7,
      rate: 100,
      jsonFile: resolve("a"),
      continuedFile: null,
      historyFile: resolve("b"),
      keep: true,
    });
  });

  test.each([
    ["--seconds", "4"],
    ["--seconds", "1e3"],
    ["--seed", "-1"],
    ["--rate", "0"],
    ["--scenario", "nothing"],
    ["--json", ""],
    ["--continue", ""],
  ])("refuse %s %s in one sentence", (flag, text) => {
    expect(complaintOf(`${flag}=${text}`)).toMatch(new RegExp(`^${flag} must be .+, not "${text}"\\.$`));
  });

  test("tell every mistake, a sentence each", () => {
    expect(complaintOf("--seconds", "x", "--seed", "y").split("\n")).toHaveLength(2);
  });

  test("continue a sweep, and nothing else", () => {
    const flags = ["--scenario", "rare-points", "--continue", "a"];
    expect(readOptions(flags).continuedFile).toBe(resolve("a"));
    expect(complaintOf("--continue", "a")).toBe("--continue is for kill-points and rare-points.");
  });

  test("refuse what they do not know", () => {
    expect(complaintOf("--secnds", "5")).toMatch(/^unknown option .+--seconds/);
    expect(complaintOf("more")).toMatch(/^too many arguments/);
  });
});
