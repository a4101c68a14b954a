import { PromqlError, readTokens, type Token } from "./promql-tokens.ts";

/** What a query gives, and which labels its series may have. */
export interface Result {
  readonly kind: "scalar" | "vector" | "range";
  readonly labels: ReadonlySet<string>;
}

/** The labels of a metric's series as they are stored; null for a metric that there is not. */
export type LabelsOf = (metric: string) => ReadonlySet<string> | null;

/** The arguments of each function that our queries may use. */
const functions: Readonly<Record<string, readonly Result["kind"][]>> = {
  absent: ["vector"],
  avg_over_time: ["range"],
  changes: ["range"],
  histogram_quantile: ["scalar", "vector"],
  increase: ["range"],
  max_over_time: ["range"],
  min_over_time: ["range"],
  rate: ["range"],
  vector: ["scalar"],
};
const aggregations = new Set(["sum", "min", "max", "avg", "count"]);
const aggregationsWithNumber = new Set(["topk", "bottomk"]);
/** From the loosest to the tightest. */
const precedence = [
  ["or"],
  ["and", "unless"],
  ["==", "!=", "<=", "<", ">=", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];
const setOperators = new Set(["or", "and", "unless"]);
const none: ReadonlySet<string> = new Set();

/**
 * Checks a query as Prometheus does, and beyond: that each metric and label exists, and that the two sides of an
 * operator can match at all. It knows the part of PromQL that our rules and boards are written in.
 *
 * @throws PromqlError with what is wrong
 */
export function checkPromql(text: string, labelsOf: LabelsOf): Result {
  const checker = new Checker(readTokens(text), labelsOf);
  return checker.checkAll();
}

class Checker {
  readonly #tokens: readonly Token[];
  readonly #labelsOf: LabelsOf;
  #at = 0;

  constructor(tokens: readonly Token[], labelsOf: LabelsOf) {
    this.#tokens = tokens;
    this.#labelsOf = labelsOf;
  }

  checkAll(): Result {
    const result = this.#checkBinary(0);
    if (this.#next.kind !== "end") throw new PromqlError(`Nothing may follow before "${this.#next.text}".`);
    return result;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end" };
  }

  #take(): Token {
    const token = this.#next;
    this.#at += 1;
    return token;
  }

  #skip(text: string): boolean {
    if (this.#next.kind === "string" || this.#next.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    const found = this.#next.text;
    if (!this.#skip(text)) throw new PromqlError(`Expected "${text}", not "${found}".`);
  }

  #checkBinary(level: number): Result {
    const operators = precedence[level];
    if (operators === undefined) return this.#checkUnary();
    let left = this.#checkBinary(level + 1);
    for (;;) {
      const operator = this.#next.text;
      if (this.#next.kind === "string" || !operators.includes(operator)) return left;
      this.#take();
      const matching = this.#readMatching();
      left = combine(operator, left, this.#checkBinary(level + 1), matching);
    }
  }

  /** The labels of `on (...)`, null when all labels must be equal. */
  #readMatching(): readonly string[] | null {
    return this.#skip("on") ? this.#readLabelList() : null;
  }

  #readLabelList(): string[] {
    const labels: string[] = [];
    this.#expect("(");
    while (!this.#skip(")")) {
      if (labels.length > 0) this.#expect(",");
      labels.push(this.#takeKind("name").text);
    }
    return labels;
  }

  #takeKind(kind: Token["kind"]): Token {
    const token = this.#take();
    if (token.kind !== kind) throw new PromqlError(`Expected a ${kind}, not "${token.text}".`);
    return token;
  }

  #checkUnary(): Result {
    if (this.#skip("-") || this.#skip("+")) return this.#checkUnary();
    if (this.#skip("(")) {
      const inner = this.#checkBinary(0);
      this.#expect(")");
      return inner;
    }
    if (this.#next.kind === "number") {
      this.#take();
      return { kind: "scalar", labels: none };
    }
    return this.#checkNamed(this.#takeKind("name").text);
  }

  #checkNamed(name: string): Result {
    if (aggregations.has(name) || aggregationsWithNumber.has(name)) return this.#checkAggregation(name);
    const wanted = functions[name];
    if (wanted !== undefined) return this.#checkCall(name, wanted);
    if (this.#next.text === "(") throw new PromqlError(`There is no function ${name}.`);
    return this.#checkSelector(name);
  }

  #checkAggregation(name: string): Result {
    const kept = this.#skip("by") ? this.#readLabelList() : null;
    const dropped = kept === null && this.#skip("without") ? this.#readLabelList() : [];
    this.#expect("(");
    if (aggregationsWithNumber.has(name)) {
      this.#takeKind("number");
      this.#expect(",");
    }
    const inner = this.#checkBinary(0);
    this.#expect(")");
    if (inner.kind !== "vector") throw new PromqlError(`${name} needs a vector.`);
    requireLabels(name, inner, [...(kept ?? []), ...dropped]);
    if (aggregationsWithNumber.has(name) && kept === null) return inner;
    if (dropped.length > 0) return { kind: "vector", labels: inner.labels.difference(new Set(dropped)) };
    return { kind: "vector", labels: new Set(kept) };
  }

  #checkCall(name: string, wanted: readonly Result["kind"][]): Result {
    this.#expect("(");
    const given: Result[] = [];
    while (!this.#skip(")")) {
      if (given.length > 0) this.#expect(",");
      given.push(this.#checkBinary(0));
    }
    const kinds = given.map(({ kind }) => kind);
    if (kinds.join() !== wanted.join())
      throw new PromqlError(`${name} needs (${wanted.join(", ")}), not (${kinds.join(", ")}).`);
    const labels = given.at(-1)?.labels ?? none;
    if (name !== "histogram_quantile") return { kind: "vector", labels };
    if (!labels.has("le")) throw new PromqlError("histogram_quantile needs series with the label le.");
    return { kind: "vector", labels: labels.difference(new Set(["le"])) };
  }

  #checkSelector(metric: string): Result {
    const labels = this.#labelsOf(metric);
    if (labels === null) throw new PromqlError(`There is no metric ${metric}.`);
    if (this.#skip("{")) {
      for (let isFirst = true; !this.#skip("}"); isFirst = false) {
        if (!isFirst) this.#expect(",");
        this.#checkMatcher(metric, labels);
      }
    }
    if (!this.#skip("[")) return { kind: "vector", labels };
    this.#takeKind("duration");
    this.#expect("]");
    return { kind: "range", labels };
  }

  #checkMatcher(metric: string, labels: ReadonlySet<string>): void {
    const label = this.#takeKind("name").text;
    const operator = this.#take().text;
    if (!["=", "!=", "=~", "!~"].includes(operator)) throw new PromqlError(`"${operator}" matches no label.`);
    const value = this.#takeKind("string").text;
    if (!labels.has(label)) throw new PromqlError(`${metric} has no label ${label}.`);
    if (operator.includes("~")) requireExpression(value);
  }
}

/** Grafana puts the values of its variables in before anyone reads the expression. */
function requireExpression(value: string): void {
  try {
    RegExp(value.replaceAll(/\$\w+/g, "x"));
  } catch {
    throw new PromqlError(`"${value}" is no regular expression.`);
  }
}

function requireLabels(who: string, { labels }: Result, wanted: readonly string[]): void {
  const missing = wanted.filter((label) => !labels.has(label));
  if (missing.length > 0)
    throw new PromqlError(`${who} names labels that are not there: ${missing.join(", ")}.`);
}

function combine(operator: string, left: Result, right: Result, on: readonly string[] | null): Result {
  if (left.kind === "range" || right.kind === "range") throw new PromqlError(`${operator} takes no range.`);
  if (left.kind === "scalar" || right.kind === "scalar") {
    if (setOperators.has(operator)) throw new PromqlError(`${operator} needs vectors on both sides.`);
    return left.kind === "vector" ? left : right;
  }
  if (on !== null) {
    requireLabels(operator, left, on);
    requireLabels(operator, right, on);
  } else if (operator !== "or" && left.labels.symmetricDifference(right.labels).size > 0) {
    const [a, b] = [left, right].map(({ labels }) => `{${[...labels].sort().join(", ")}}`);
    throw new PromqlError(`The sides of ${operator} have other labels and never match: ${a} and ${b}.`);
  }
  return operator === "or" ? { kind: "vector", labels: left.labels.union(right.labels) } : left;
}
