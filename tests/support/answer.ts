/** An answer of the service, its body seen loosely: each test states which members it expects. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed JSON; an empty object when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}
