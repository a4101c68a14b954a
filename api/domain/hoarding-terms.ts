/** When a buyer who lets holds on one event expire again and again has to wait for the next. */
export interface HoardingTerms {
  /** How many may expire within the window, at least 1. */
  readonly holdsMax: number;
  /** How long an expired hold counts, from its deadline on, in ms. */
  readonly windowMs: number;
}

/** The terms that go with the settings of a shop. @returns null where holds may expire any number of times */
export function hoardingTermsOf({
  hoardingHolds,
  hoardingSeconds,
}: {
  readonly hoardingHolds: number;
  readonly hoardingSeconds: number;
}): HoardingTerms | null {
  return hoardingHolds === 0 ? null : { holdsMax: hoardingHolds, windowMs: hoardingSeconds * 1000 };
}
