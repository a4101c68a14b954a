/** Whether a value is an object whose members can be read. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is text; null for anything else. */
export function textOf(value: unknown, member: string): string | null {
  const found = isRecord(value) ? value[member] : undefined;
  return typeof found === "string" ? found : null;
}

/** A member that is a number; null for anything else. */
export function numberOf(value: unknown, member: string): number | null {
  const found = isRecord(value) ? value[member] : undefined;
  return typeof found === "number" && Number.isFinite(found) ? found : null;
}
