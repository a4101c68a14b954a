import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { changeText } from "../../chaos/mutants/build-mutant.ts";
import { findFate } from "../../chaos/mutants/find-fate.ts";
import { mutants } from "../../chaos/mutants/list-mutants.ts";
import { readMatrixOptions } from "../../chaos/mutants/read-matrix-options.ts";
import type { Fate } from "../../chaos/mutants/run-mutant.ts";
import { tellFate, tellSummary } from "../../chaos/mutants/tell-matrix.ts";
import type { Mutant } from "../../chaos/mutants/mutant.ts";

const project = resolve(import.meta.dirname, "../..");
const mutant: Mutant = {
  name: "one",
  mistake: "",
  edits: [{ file: "a.ts", find: "right", replace: "wrong" }],
  scenario: "calm",
  seconds: 1,
  breaks: ["lost"],
};

describe("the list of mutants", () => {
  test.each(mutants)("$name changes the sources as they are now", async ({ name, edits }) => {
    const changed = new Map<string, string>();
    for (const edit of edits) {
      const text = changed.get(edit.file) ?? (await readFile(resolve(project, edit.file), "utf8"));
      changed.set(edit.file, changeText(text, name, edit));
    }
    expect(changed.size).toBeGreaterThan(0);
  });

  test("has at least 15, each with a name of its own", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(15);
  });

  test("a mutant that does not fit any more is an error", () => {
    const edit = { file: "a.ts", find: "right", replace: "wrong" };
    expect(() => changeText("nothing of it", "one", edit)).toThrow("there 0 times");
    expect(() => changeText("right and right", "one", edit)).toThrow("there 2 times");
    expect(changeText("all right", "one", edit)).toBe("all wrong");
  });
});

describe("the options of the matrix", () => {
  test("are all mutants with seed 1, two at once", () => {
    expect(readMatrixOptions([], [mutant])).toEqual({ only: null, seed: 1, atOnce: 2, list: false });
  });

  test("choose mutants by their names", () => {
    expect(readMatrixOptions(["--only", "one", "--seed", "7"], [mutant])).toMatchObject({
      only: ["one"],
      seed: 7,
    });
  });

  test.each([
    [["--only", "nobody"], `There is no mutant "nobody"`],
    [["--seed", "-1"], "--seed"],
    [["--at-once", "0"], "--at-once is a whole number from 1 to 16"],
    [["--fast"], "--fast"],
    [["now"], "now"],
  ])("%j is refused with a sentence", (flags, sentence) => {
    expect(() => readMatrixOptions(flags, [mutant])).toThrow(sentence);
  });
});

describe("the fate", () => {
  const killed: Fate = { kind: "killed", by: ["lost"] };
  const astray: Fate = { kind: "astray", by: ["alive"], found: [] };
  const survived: Fate = { kind: "survived" };
  const undecided: Fate = { kind: "undecided", why: "no sold-out event" };

  test.each([
    ["of a mutant is known with the first kill", true, [killed, survived], killed, 1],
    ["of a mutant is looked for in three runs", true, [survived, astray, killed], killed, 3],
    ["of a mutant is what the third run says", true, [undecided, survived, astray, killed], astray, 3],
    ["of the service as it is is known with the first pass", false, [survived, astray], survived, 1],
    ["of the service as it is is not tried away", false, [astray, survived], astray, 1],
    [
      "of the service as it is is not left open by a run that said nothing",
      false,
      [undecided, survived],
      survived,
      2,
    ],
  ])("%s", async (_, isChanged, fates, fate, runs) => {
    const asked: number[] = [];
    const run = async (index: number) => {
      asked.push(index);
      return fates[index] ?? undecided;
    };
    expect(await findFate(isChanged, run, new AbortController().signal)).toEqual({ fate, runs });
    expect(asked).toEqual([...Array(runs).keys()]);
  });

  test("is that of the run under way when it is stopped", async () => {
    const found = await findFate(true, async () => survived, AbortSignal.abort());
    expect(found).toEqual({ fate: survived, runs: 1 });
  });
});

describe("the matrix", () => {
  const control = { ...mutant, name: "unchanged", edits: [] };

  test("tells a kill for another reason from a kill", () => {
    expect(tellFate(mutant, { kind: "killed", by: ["lost"] }, 1)).toContain("killed: lost");
    const astray = { kind: "astray", by: ["alive"], found: ["call 7 was never answered"] } as const;
    expect(tellFate(mutant, astray, 1)).toContain("NOT KILLED");
    expect(tellFate(mutant, astray, 1)).toContain("call 7 was never answered");
    expect(tellFate(mutant, { kind: "survived" }, 1)).toContain("SURVIVED");
    expect(tellFate(control, { kind: "survived" }, 1)).toContain("passes, as it must");
    expect(tellFate(control, astray, 1)).toContain("BROKEN as it is");
    expect(tellFate(mutant, { kind: "undecided", why: "no disk" }, 1)).toContain("UNDECIDED: no disk");
  });

  test("tells of a mutant that was not found out at once", () => {
    const killed = { kind: "killed", by: ["lost"] } as const;
    expect(tellFate(mutant, killed, 1)).not.toContain("runs");
    expect(tellFate(mutant, killed, 3)).toContain("killed: lost (in 3 runs)");
  });

  test("counts only kills", () => {
    const results = [
      { mutant, fate: { kind: "killed", by: ["lost"] } as const },
      { mutant, fate: { kind: "undecided", why: "" } as const },
      { mutant: control, fate: { kind: "survived" } as const },
    ];
    expect(tellSummary(results)).toBe("1 of 2 mutants killed; the service as it is passes 1 of 1 runs.\n");
  });
});
