import { z } from "zod";

/** One line of a Dockerfile, its continuation lines included. */
interface Instruction {
  readonly name: string;
  /** As written, on one line. */
  readonly text: string;
}

/** What is between one FROM and the next. */
export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Splits a Dockerfile into its stages. Knows what ours uses: no here-documents, no parser directives. */
export function readDockerfile(text: string): Stage[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const joined = lines
    .join("\n")
    .replaceAll(/\s*\\\n\s*/g, " ")
    .split("\n");
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of joined.map((each) => each.trim()).filter((each) => each !== "")) {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    if (name === "") throw new Error(`No instruction: ${line}`);
    if (name === "FROM") {
      const [, base = "", stage = ""] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      if (base === "") throw new Error(`A stage without a name: ${line}`);
      stages.push({ name: stage, base, instructions: [] });
    } else {
      const open = stages.at(-1);
      if (open === undefined) throw new Error(`An instruction before the first FROM: ${line}`);
      open.instructions.push({ name, text: rest });
    }
  }
  return stages;
}

/** The texts of a stage's instructions of one name. */
export function textsOf(stage: Stage, name: string): string[] {
  return stage.instructions.filter((each) => each.name === name).map(({ text }) => text);
}

/** The variables that ENV sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = textsOf(stage, "ENV").flatMap((text) => [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)]);
  return Object.fromEntries(pairs.map(([, name = "", quoted, bare]) => [name, quoted ?? bare ?? ""]));
}

/** A command in its JSON form, which needs no shell. */
export function readCommand(text: string): string[] {
  return z.array(z.string()).min(1).parse(JSON.parse(text));
}

export interface Copy {
  /** Null for the build context. */
  readonly fromStage: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

export function readCopy(text: string): Copy {
  const words = text.split(/\s+/);
  const flags = words.filter((word) => word.startsWith("--"));
  const paths = words.filter((word) => !word.startsWith("--"));
  const target = paths.pop();
  if (target === undefined || paths.length === 0) throw new Error(`COPY of nothing: ${text}`);
  const unknown = flags.filter((flag) => !flag.startsWith("--from="));
  if (unknown.length > 0) throw new Error(`COPY with an unknown flag: ${text}`);
  return { fromStage: flags[0]?.slice("--from=".length) ?? null, sources: paths, target };
}
