/** The run cannot go on, for a reason that is told in one sentence. */
export class RunError extends Error {}

/** A command line that cannot be used. */
export class UsageError extends Error {}
