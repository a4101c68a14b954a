import { useSyncExternalStore } from "react";

/** A value in the browser's storage. Every tab sees the same; each is told when another changes it. */
export interface StoredValue<Value> {
  read(): Value | null;
  /** Null takes it away. */
  write(value: Value | null): void;
  /** Calls back after each change. @returns the end of that */
  follow(onChange: () => void): () => void;
}

/**
 * Keeps a value under a name. Where storage is forbidden or full it lives as long as the page does.
 *
 * @param name the key in the storage
 * @param parse what stored JSON means; null for what is not such a value
 */
export function storedValue<Value>(
  name: string,
  parse: (json: unknown) => Value | null,
  area: () => Storage = () => localStorage,
): StoredValue<Value> {
  const followers = new Set<() => void>();
  let text: string | null = null;
  let value: Value | null = null;
  let isStored = true;
  const tellAll = () => {
    for (const follower of followers) follower();
  };
  const read = () => {
    const found = isStored ? readText(area, name) : text;
    if (found === text) return value;
    text = found;
    value = found === null ? null : parseText(found, parse);
    return value;
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key === name || event.key === null) tellAll();
  };
  return {
    read,
    write: (next) => {
      text = next === null ? null : JSON.stringify(next);
      value = next;
      isStored = writeText(area, name, text);
      tellAll();
    },
    follow: (onChange) => {
      if (followers.size === 0) addEventListener("storage", onStorage);
      followers.add(onChange);
      return () => {
        followers.delete(onChange);
        if (followers.size === 0) removeEventListener("storage", onStorage);
      };
    },
  };
}

/** A stored value as it is now, and whenever it changes, in this tab or another. */
export function useStored<Value>(stored: StoredValue<Value>): Value | null {
  return useSyncExternalStore(stored.follow, stored.read);
}

function readText(area: () => Storage, name: string): string | null {
  try {
    return area().getItem(name);
  } catch {
    return null;
  }
}

function writeText(area: () => Storage, name: string, text: string | null): boolean {
  try {
    if (text === null) area().removeItem(name);
    else area().setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

function parseText<Value>(text: string, parse: (json: unknown) => Value | null): Value | null {
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
}
