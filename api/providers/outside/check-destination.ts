import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { OutsidePoster } from "./post-outside.ts";
import { isPrivateAddress } from "./private-addresses.ts";

/** The longest that a name is looked up. */
const lookupMaxMs = 3_000;

/** How long a server may take to show whether it redirects. */
const lookMaxMs = 2_000;

/** Why an address that somebody named may not be used; null when it may. */
export type DestinationFault = "private" | "unresolvable" | "redirects_inside" | null;

/**
 * Tells whether requests may go to a URL that somebody named. What the name leads to can change, so the same is checked
 * again for each connection that is made. The server is asked once whether it sends its callers on to a place that is
 * not allowed. Nobody follows redirects here, but whoever names such a server has something in mind that cannot work.
 *
 * Takes up to some seconds, and so is not for the inside of a transaction.
 *
 * @param url with http or https
 * @param options.allowPrivate lets everything through
 */
export async function checkDestination(
  url: string,
  { allowPrivate }: { readonly allowPrivate: boolean },
): Promise<DestinationFault> {
  if (allowPrivate) return null;
  const fault = await judgeHost(hostOf(url));
  if (fault !== null) return fault;
  const next = await findRedirect(url);
  return next !== null && (await judgeHost(hostOf(next))) === "private" ? "redirects_inside" : null;
}

async function judgeHost(host: string): Promise<"private" | "unresolvable" | null> {
  if (isIP(host) !== 0) return isPrivateAddress(host) ? "private" : null;
  if (isLocalName(host)) return "private";
  try {
    const addresses = await withLimit(lookup(host, { all: true, verbatim: true }));
    return addresses.some(({ address }) => isPrivateAddress(address)) ? "private" : null;
  } catch {
    return "unresolvable";
  }
}

/**
 * Where a server sends its callers on to; null when it sends them nowhere, or does not answer: a receiver may be down
 * while it is being set up.
 */
async function findRedirect(url: string): Promise<string | null> {
  // It judges the address of the connection once more, since a name may lead elsewhere by now.
  const poster = new OutsidePoster({ allowPrivate: false });
  try {
    const headers = { "user-agent": "holdfast" };
    const look = await poster.look({ url, headers, timeoutMs: lookMaxMs }, AbortSignal.timeout(lookMaxMs));
    const isRedirect = look.status >= 300 && look.status < 400;
    if (!isRedirect || look.location === null || !URL.canParse(look.location, url)) return null;
    const next = new URL(look.location, url);
    // Without a host it leads to no network.
    return next.hostname === "" ? null : next.href;
  } catch {
    return null;
  } finally {
    poster.close();
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
