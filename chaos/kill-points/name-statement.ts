/** What a statement means for the transaction that it is in. */
type StatementKind = "begin" | "commit" | "rollback" | "write" | "other";

export interface NamedStatement {
  readonly name: string;
  readonly kind: StatementKind;
}

const wordsMax = 4;
/** Where no table follows. */
const otherFrom = /\bextract\([a-z]+ from |\bdistinct from /g;

/**
 * A short name for a statement: the one that it is prepared under, or what it does to which table. Statements that differ
 * in little else share one.
 */
export function nameStatement(preparedName: string | undefined, text: string): NamedStatement {
  const plain = text.replaceAll('"', "").replaceAll(/\s+/g, " ").trim().toLowerCase();
  const control = /^(begin|start transaction|commit|rollback(?: to)?|savepoint|release|set)\b/.exec(
    plain,
  )?.[1];
  if (control !== undefined) return nameControl(control, plain);
  const written = /\b(insert into|delete from|(?<!for |key |do )update) (?!set )([a-z_.]+)/.exec(plain);
  const kind = written === null ? "other" : "write";
  if (preparedName !== undefined && preparedName !== "") return { name: preparedName, kind };
  if (written !== null) return { name: `${written[1]} ${written[2]}`, kind };
  const source = /\bfrom ([a-z_.]+)\b(?! ?\()/.exec(plain.replaceAll(otherFrom, ""))?.[1];
  return { name: source === undefined ? firstWords(plain) : `select from ${source}`, kind };
}

function nameControl(word: string, plain: string): NamedStatement {
  switch (word) {
    case "begin":
    case "start transaction":
      // Whoever asks for all at once in one text goes by its first words.
      return { name: plain.includes(";") ? firstWords(plain) : "begin", kind: "begin" };
    case "commit":
    case "rollback":
      return { name: word, kind: word };
    default:
      return { name: word, kind: "other" };
  }
}

function firstWords(plain: string): string {
  return plain
    .replaceAll(/[^a-z0-9_. ]+/g, " ")
    .trim()
    .split(/ +/)
    .slice(0, wordsMax)
    .join(" ");
}
