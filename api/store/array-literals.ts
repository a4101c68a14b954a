/**
 * PostgreSQL array literals for set-based statements. The driver's own conversion escapes every element
 * with regular expressions; here most elements are known to need no escape.
 */

/** An array of values whose text form has no quote, comma, brace or backslash: UUIDs, numbers, bare words. */
export function plainArray(values: readonly (string | number | boolean)[]): string {
  return `{${values.join(",")}}`;
}

/** An array of any texts. Null elements become SQL nulls. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map(quote).join(",")}}`;
}

/** An array of instants given in milliseconds since 1970. Null elements become SQL nulls. */
export function instantArray(valuesMs: readonly (number | null)[]): string {
  return `{${valuesMs.map((ms) => (ms === null ? "NULL" : new Date(ms).toISOString())).join(",")}}`;
}

/** An array of instants as one text, for a column that is itself an array. */
export function instantList(valuesMs: readonly number[]): string | null {
  return valuesMs.length === 0 ? null : instantArray(valuesMs);
}

function quote(value: string | null): string {
  if (value === null) return "NULL";
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}
