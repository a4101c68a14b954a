const failedMs = 10_000;

/** How long to wait before a question that failed is asked again by itself; false for not at all. */
export function askAgainAfter({ state }: { readonly state: { readonly error: unknown } }): number | false {
  // Not all at once: whoever lost the shop at the same moment comes back at different ones.
  return state.error === null ? false : failedMs * (0.75 + Math.random() / 2);
}
