import type { Fault } from "./fault.ts";

const waitMaxMs = 1_500;

/** Row 9: a client is gone at a random byte of what it says or hears. */
export const cutClient: Fault = {
  kind: "client_gone",
  number: 9,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: null,
  weight: "light",
  async inject({ system, random, begun }) {
    const direction = random.choose(["request", "reply"] as const);
    const cut = await system.clientNetwork.cutWithin(direction, random.next(), waitMaxMs);
    if (cut === null) return `no ${direction} passed within ${waitMaxMs} ms`;
    begun(`a client was gone: ${cut.detail}`);
    return null;
  },
};
