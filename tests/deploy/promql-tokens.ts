/** A query that Prometheus would not take, or that could never give what it is written for. */
export class PromqlError extends Error {}

type TokenKind = "name" | "number" | "duration" | "string" | "operator" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A string's value without its quotes, otherwise as written. */
  readonly text: string;
}

const patterns: readonly (readonly [TokenKind | null, RegExp])[] = [
  [null, /\s+|#[^\n]*/y],
  ["string", /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y],
  ["duration", /(?:\d+(?:ms|[smhdwy]))+(?![\w.])|\$__(?:rate_interval|interval|range)\b/y],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])/iy],
  ["name", /[A-Za-z_:][\w:]*/y],
  ["operator", /==|!=|=~|!~|<=|>=|[=<>+\-*/%^(){}[\],]/y],
];

/** Splits a query into its tokens; the last one is the end. @throws PromqlError at what is no token */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = matchAt(text, at);
    if (found === null) throw new PromqlError(`No token at "${text.slice(at, at + 20)}".`);
    if (found.kind !== null) {
      const value = found.kind === "string" ? found.text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : found.text;
      tokens.push({ kind: found.kind, text: value });
    }
    at += found.text.length;
  }
  return [...tokens, { kind: "end", text: "the end" }];
}

function matchAt(text: string, at: number): { kind: TokenKind | null; text: string } | null {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { kind, text: match[0] };
  }
  return null;
}
