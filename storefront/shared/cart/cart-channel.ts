const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("holdfast-cart");

/** Tells the other tabs that the cart was changed here. */
export function tellCartChanged(): void {
  // A channel reaches this shop's own pages only, so it has no origin to aim at.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel?.postMessage("changed");
}

/** Calls back when another tab has changed the cart. @returns the end of that */
export function followCartChanges(onChange: () => void): () => void {
  channel?.addEventListener("message", onChange);
  return () => channel?.removeEventListener("message", onChange);
}
