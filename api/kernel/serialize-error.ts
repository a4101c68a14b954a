/** What of an error is written to the log. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly table?: string;
  readonly constraint?: string;
  readonly cause?: LoggedError;
}

const causesMax = 5;

/**
 * Makes of an error what may be written down. Members that libraries add to their errors are left out unless they are
 * named here: the database quotes the row that it refuses, and clients keep the request with its credentials.
 */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === "object" ? "[no error]" : error;
  return { ...describe(error), ...causeOf(error, depth) };
}

function describe(error: Error): LoggedError {
  const named = (name: "code" | "table" | "constraint") => {
    const value: unknown = (error as { readonly [key: string]: unknown } & Error)[name];
    return typeof value === "string" && /^[\w.-]{1,100}$/.test(value) ? { [name]: value } : {};
  };
  return {
    type: error.constructor.name,
    message: messageOf(error),
    stack: error.stack ?? error.message,
    ...named("code"),
    ...named("table"),
    ...named("constraint"),
  };
}

/** Of several failures in one, such as to connect to each address of a name, each says what it was. */
function messageOf(error: Error): string {
  if (error.message !== "" || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : "")).join("; ");
}

function causeOf({ cause }: Error, depth: number): object {
  if (!(cause instanceof Error) || depth >= causesMax) return {};
  return { cause: serializeError(cause, depth + 1) };
}
