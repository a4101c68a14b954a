import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/**
 * Prepares the question whether a request came to a proxy of ours over TLS. What anybody else says of it is not believed.
 *
 * @param trustedProxies addresses, or networks such as 10.0.0.0/8
 */
export function createTlsCheck(trustedProxies: readonly string[]): (request: IncomingMessage) => boolean {
  const proxies = listOf(trustedProxies);
  return ({ headers, socket }) => {
    const told = headers["x-forwarded-proto"];
    if (typeof told !== "string" || told.split(",", 1)[0]?.trim().toLowerCase() !== "https") return false;
    const address = socket.remoteAddress ?? "";
    const family = isIP(address);
    return family !== 0 && proxies.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}

function listOf(trustedProxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of trustedProxies) {
    const [address = "", prefix] = proxy.split("/");
    const family = isIP(address);
    if (family === 0) continue;
    const type = family === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(prefix), type);
  }
  return list;
}
