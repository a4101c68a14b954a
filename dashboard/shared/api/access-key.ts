import { useSyncExternalStore } from "react";

const storageName = "holdfast-access-key";
const listeners = new Set<() => void>();
/** Where the browser forbids storage, the key lives as long as the page. */
let keyInMemory: string | null = null;

/** The key that requests carry; null for none. It lives as long as the tab. */
export function readAccessKey(): string | null {
  try {
    return sessionStorage.getItem(storageName) ?? keyInMemory;
  } catch {
    return keyInMemory;
  }
}

/** Keeps a key for this tab, or forgets it. */
export function writeAccessKey(key: string | null): void {
  keyInMemory = key;
  try {
    if (key === null) sessionStorage.removeItem(storageName);
    else sessionStorage.setItem(storageName, key);
  } catch {
    // The copy in memory is enough for this page.
  }
  for (const listener of listeners) listener();
}

/** The key in use, as a value that a component follows. */
export function useAccessKey(): string | null {
  return useSyncExternalStore(subscribe, readAccessKey);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
