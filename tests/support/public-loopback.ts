import type * as privateAddresses from "../../api/providers/outside/private-addresses.ts";

/**
 * Takes this machine's own address for one of the public network, so that what happens there can be tested without it.
 * Every other address is judged as ever.
 *
 * @param original the module that judges, for `vi.mock` to put this in its place
 */
export function withPublicLoopback(original: typeof privateAddresses): typeof privateAddresses {
  return {
    ...original,
    isPrivateAddress: (address) => address !== "127.0.0.1" && original.isPrivateAddress(address),
  };
}
