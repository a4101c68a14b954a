import type { Disturbance, NetworkProxy } from "../network/network-proxy.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Fault } from "./fault.ts";
import { pause } from "./pause.ts";

/** Row 7, what lasts: between the service and its database bytes are delayed, sliced, swallowed, or refused. */
export const disturbNetwork: Fault = {
  kind: "network",
  number: 7,
  topologies: ["separate"],
  recoveryMaxMs: null,
  weight: "heavy",
  async inject({ system, random, signal, begun }) {
    const network = system.databaseNetwork;
    if (network === null) return "the service keeps its own database, and nothing stands between";
    const disturbance = chooseDisturbance(random);
    const lastMs = random.between(500, 2_500);
    try {
      network.disturb(disturbance);
      begun(`${describe(disturbance)} between service and database for ${lastMs} ms`);
      await pause(lastMs, signal);
    } finally {
      network.calm();
    }
    return null;
  },
};

/** Row 7, what happens in a moment: connections between the service and its database are reset. */
export const resetNetwork: Fault = {
  kind: "network",
  number: 7,
  topologies: ["separate"],
  recoveryMaxMs: null,
  weight: "light",
  async inject({ system, random, begun }) {
    const network = system.databaseNetwork;
    if (network === null) return "the service keeps its own database, and nothing stands between";
    if (network.open === 0) return "the service had no connection to its database";
    const count = resetSome(network, random);
    begun(`${count} connections between service and database were reset`);
    return null;
  },
};

function resetSome(network: NetworkProxy, random: SeededRandom): number {
  return network.reset(random.between(1, Math.max(1, network.open)));
}

function chooseDisturbance(random: SeededRandom): Disturbance {
  switch (random.choose(["delay", "slice", "black_hole", "cut"] as const)) {
    case "delay":
      return { kind: "delay", ms: random.between(5, 300) };
    case "slice":
      return { kind: "slice", bytesMax: random.between(1, 40) };
    case "black_hole":
      return { kind: "black_hole" };
    case "cut":
      return { kind: "cut" };
  }
}

function describe(disturbance: Disturbance): string {
  switch (disturbance.kind) {
    case "delay":
      return `${disturbance.ms} ms of delay`;
    case "slice":
      return `slices of ${disturbance.bytesMax} bytes`;
    case "black_hole":
      return "a black hole";
    case "cut":
      return "no connection";
  }
}
