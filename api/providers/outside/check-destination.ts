import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPrivateAddress } from "./private-addresses.ts";

/** The longest that a name is looked up. */
const lookupMaxMs = 3_000;

/** Why an address that somebody named may not be used; null when it may. */
export type DestinationFault = "private" | "unresolvable" | null;

/**
 * Tells whether requests may go to a URL that somebody named. What the name leads to can change, so the same is checked
 * again for each connection that is made.
 *
 * @param url with http or https
 * @param options.allowPrivate lets everything through
 */
export async function checkDestination(
  url: string,
  { allowPrivate }: { readonly allowPrivate: boolean },
): Promise<DestinationFault> {
  if (allowPrivate) return null;
  const host = hostOf(url);
  if (isIP(host) !== 0) return isPrivateAddress(host) ? "private" : null;
  if (isLocalName(host)) return "private";
  try {
    const addresses = await withLimit(lookup(host, { all: true, verbatim: true }));
    return addresses.some(({ address }) => isPrivateAddress(address)) ? "private" : null;
  } catch {
    return "unresolvable";
  }
}

/** Names that lead to this machine or its network wherever they are looked up (RFC 6761, RFC 6762). */
function isLocalName(host: string): boolean {
  return /(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/i.test(host);
}

/** The host of a URL, an IPv6 address without its brackets. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}

async function withLimit<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The name was not resolved in time.")), lookupMaxMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
