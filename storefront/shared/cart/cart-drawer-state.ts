import { useSyncExternalStore } from "react";

let isOpen = false;
const followers = new Set<() => void>();

/** Opens or closes the cart's drawer, from anywhere. */
export function setCartDrawerOpen(next: boolean): void {
  isOpen = next;
  for (const follow of followers) follow();
}

/** Whether the cart's drawer is open. */
export function useIsCartDrawerOpen(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      followers.add(onChange);
      return () => followers.delete(onChange);
    },
    () => isOpen,
  );
}
