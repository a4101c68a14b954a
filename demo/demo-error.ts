/** Something that keeps the rehearsal from going on. The message is one sentence for the person who ran it. */
export class DemoError extends Error {}

/** A command line that cannot be used. The message has one sentence for each mistake. */
export class UsageError extends Error {}

/** The help was asked for and has been shown; there is nothing to rehearse. */
export class HelpShown extends Error {}
