import type { FeatureContext } from "../features/context.ts";
import type { Log } from "../kernel/log.ts";

/** What the handlers work with. */
export interface Services extends FeatureContext {
  readonly log: Log;
  /** Whether an error means that the database is away, so that trying again later makes sense. */
  readonly isUnavailable: (error: unknown) => boolean;
}
