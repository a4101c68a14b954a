import { useSyncExternalStore } from "react";

/** A short sentence about something that has just happened. What has to be acted on is never a toast. */
export interface Toast {
  readonly id: number;
  readonly text: string;
}

const shownMs = 6_000;
const toastsMax = 3;

let toasts: readonly Toast[] = [];
let lastId = 0;
const followers = new Set<() => void>();

/** Shows a sentence for a while, and has it read out. */
export function showToast(text: string): void {
  lastId += 1;
  const id = lastId;
  set([...toasts.filter((toast) => toast.text !== text), { id, text }].slice(-toastsMax));
  setTimeout(() => dismissToast(id), shownMs);
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(follow, () => toasts);
}

function follow(onChange: () => void): () => void {
  followers.add(onChange);
  return () => followers.delete(onChange);
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const follower of followers) follower();
}
