interface Rule {
  readonly pattern: RegExp;
  readonly isException: boolean;
}

/** Tells which files of a project go to the image's build. @param text of a .dockerignore */
export function readDockerignore(text: string): (path: string) => boolean {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const rules = lines.map(readRule);
  // The last rule that says something about a file decides.
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.isException ?? true;
}

/** A rule for a folder is one for all that is in it. */
function readRule(line: string): Rule {
  const isException = line.startsWith("!");
  const parts = line.replace(/^!/, "").split(/(\*\*\/|\*\*|\*|\?)/);
  const source = parts
    .map((part) => wildcards[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&"))
    .join("");
  return { pattern: new RegExp(`^${source}(?:/.*)?$`), isException };
}

const wildcards: Readonly<Record<string, string>> = {
  "**/": "(?:.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
