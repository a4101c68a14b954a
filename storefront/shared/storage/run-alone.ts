/**
 * Runs something that no other tab of this shop does at the same time. Where the browser has no locks (a page that was
 * not served securely), other tabs may; all they could do is agree a moment later.
 */
export async function runAlone<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  // The page may be served without encryption inside of somebody's own network, where there are no locks.
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) return run();
  return locks.request(name, run);
}
