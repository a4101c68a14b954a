export type Json = Readonly<Record<string, unknown>>;

/** The object that a text stands for; null for whatever is none. */
export function readJson(text: string | null): Json | null {
  if (text === null || text === "") return null;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A member that is a text; null for whatever is none. */
export function textOf(json: Json | null, name: string): string | null {
  const value = json?.[name];
  return typeof value === "string" ? value : null;
}

/** A member that is a number; null for whatever is none. */
export function numberOf(json: Json | null, name: string): number | null {
  const value = json?.[name];
  return typeof value === "number" ? value : null;
}

/** A member that tells an instant, in ms since 1970; null for whatever does not. */
export function instantOf(json: Json | null, name: string): number | null {
  const ms = Date.parse(textOf(json, name) ?? "");
  return Number.isNaN(ms) ? null : ms;
}

/** A member that is an object; null for whatever is none. */
export function objectOf(json: Json | null, name: string): Json | null {
  return asObject(json?.[name]);
}

/** The objects in a member that is a list; null where there is no list. */
export function listOf(json: Json | null, name: string): readonly Json[] | null {
  const value: unknown = json?.[name];
  return Array.isArray(value) ? value.map(asObject).filter((each) => each !== null) : null;
}

function asObject(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}
