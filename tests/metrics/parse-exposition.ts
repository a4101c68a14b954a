/** One line of the page: a series and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

interface OpenFamily {
  readonly name: string;
  readonly help: string;
  type: string | null;
  readonly samples: Sample[];
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const types = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);

/**
 * Reads Prometheus' text format, version 0.0.4, and accepts nothing that a scrape would not: each metric is one
 * group of lines, HELP then TYPE then samples; names, labels, escapes and values are well-formed; no series comes twice.
 *
 * @throws with the line that is wrong
 */
export function parseExposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("The last line must end with a line feed.");
  const families = new Map<string, OpenFamily>();
  const seen = new Set<string>();
  let open: OpenFamily | null = null;
  text
    .slice(0, -1)
    .split("\n")
    .forEach((line, index) => {
      const complain = (why: string): never => {
        throw new Error(`Line ${index + 1}: ${why}: ${line}`);
      };
      if (line === "") return;
      if (line.startsWith("#")) {
        open = readComment(line, open, families, complain);
        return;
      }
      const sample = readSample(line, complain);
      if (open === null || open.type === null) return complain("a sample before its HELP and TYPE");
      if (!namesOf(open.name, open.type).includes(sample.name)) complain(`no sample of ${open.name}`);
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(series)) complain("a series that was there before");
      seen.add(series);
      open.samples.push(sample);
    });
  return [...families.values()].map(({ type, ...family }) => {
    if (type === null) throw new Error(`${family.name} has no TYPE.`);
    return { ...family, type };
  });
}

function readComment(
  line: string,
  open: OpenFamily | null,
  families: Map<string, OpenFamily>,
  complain: (why: string) => never,
): OpenFamily {
  const [, keyword, name = "", rest = ""] =
    /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? complain("no HELP or TYPE");
  if (!namePattern.test(name)) complain("not a name");
  if (keyword === "HELP") {
    if (families.has(name)) complain("a second HELP, or a metric in two groups");
    if (/\\(?![\\n])/.test(rest)) complain("an escape that is none");
    const family: OpenFamily = { name, help: rest, type: null, samples: [] };
    families.set(name, family);
    return family;
  }
  if (open?.name !== name || open.type !== null || open.samples.length > 0)
    return complain("TYPE out of place");
  if (!types.has(rest)) complain("not a type");
  open.type = rest;
  return open;
}

function readSample(line: string, complain: (why: string) => never): Sample {
  const [, name = "", , list, value = ""] =
    /^([^\s{]+)(\{(.*)\})? (\S+)$/s.exec(line) ?? complain("not a sample");
  if (!namePattern.test(name)) complain("not a name");
  return { name, labels: readLabels(list ?? "", complain), value: readValue(value, complain) };
}

function readLabels(list: string, complain: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = list;
  while (rest !== "") {
    const [whole = "", name = "", escaped = "", end] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(,(?=.)|$)/s.exec(rest) ?? complain("not a label");
    if (end === undefined || name.startsWith("__")) complain("a reserved label");
    if (Object.hasOwn(labels, name)) complain("a label that comes twice");
    labels[name] = escaped.replaceAll(/\\(.)/gs, (_, character) =>
      character === "n" ? "\n" : String(character),
    );
    rest = rest.slice(whole.length);
  }
  return labels;
}

function readValue(text: string, complain: (why: string) => never): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) complain("not a value");
  return Number(text);
}

function namesOf(name: string, type: string): string[] {
  if (type === "histogram") return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === "summary") return [name, `${name}_sum`, `${name}_count`];
  return [name];
}
