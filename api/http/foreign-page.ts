import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a browser sent a request for a page of somebody else. A browser tells where a request comes from, and pages
 * cannot change what it tells; clients that are no browsers tell nothing, and are not meant.
 */
export function isForForeignPage({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  // Where the browser says it itself, it decides: behind a proxy the host may have another name here.
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && hostOf(origin) !== host?.toLowerCase();
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
