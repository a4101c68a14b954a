const secrets: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["an API key", /hf_(?:admin|service|observer)_[\w-]{16,}/],
  ["a token", /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\./],
  ["a signing secret", /whsec_[\w+/=]{16,}/],
  ["a database address", /postgres(?:ql)?:\/\//],
];

const insides: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a stack", /\n\s+at [^\n]+:\d+:\d+|\\n\s+at [^"]+:\d+:\d+/],
  ["a file of the service", /node_modules|\/api\/[\w/-]+\.ts/],
  [
    "an error of PostgreSQL",
    /invalid byte sequence|violates (?:check|unique|foreign)|syntax error at or near/,
  ],
];

/** Finds what an answer must not show. @returns its name; null when there is none */
export function findLeak(
  body: string,
  { mayGiveSecrets, mayTellStacks }: { readonly mayGiveSecrets: boolean; readonly mayTellStacks: boolean },
): string | null {
  const sought = [...(mayGiveSecrets ? [] : secrets), ...(mayTellStacks ? [] : insides)];
  return sought.find(([, pattern]) => pattern.test(body))?.[0] ?? null;
}
