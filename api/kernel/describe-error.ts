/** What is told of an error: its kind, PostgreSQL's code for it, and where it came from. */
export interface ErrorDescription {
  readonly type: string | null;
  readonly sqlstate: string | null;
  readonly stack: string | null;
}

const stackMax = 8_000;
const typeMax = 200;

/** Describes whatever was thrown; causes stand in the stack. Every member is null for what is no error. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: null, sqlstate: null, stack: null };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const cause =
    error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : "";
  return {
    type: error.constructor.name.slice(0, typeMax),
    sqlstate: /^[0-9A-Z]{5}$/.test(code) ? code : null,
    stack: `${error.stack ?? error.message}${cause}`.slice(0, stackMax),
  };
}
