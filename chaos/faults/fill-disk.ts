import { askOnce } from "../system/ask-service.ts";
import type { Fault } from "./fault.ts";
import { pause } from "./pause.ts";

const livezMaxMs = 2_000;

/** Row 10: the disk of the database is full, and then has space again. */
export const fillDisk: Fault = {
  kind: "disk_full",
  number: 10,
  topologies: ["separate"],
  recoveryMaxMs: 1_000,
  weight: "heavy",
  async inject({ system, random, signal, begun, underLoad, found }) {
    const { disk } = system;
    if (typeof disk === "string") return disk;
    const lastMs = random.between(2_000, 4_000);
    try {
      await underLoad();
      begun(`the database's disk was full for ${lastMs} ms`);
      await disk.fill();
      // What the database frees meanwhile is taken as well.
      for (const part of [0.5, 0.5]) {
        await pause(lastMs * part, signal);
        if (!signal.aborted) await disk.fill();
      }
      const alive = await askOnce(`${system.directUrl}/livez`, livezMaxMs);
      if (alive?.status !== 200 && !signal.aborted)
        found("/livez of a worker did not answer 200 while the disk was full.");
    } finally {
      await disk.free();
    }
    return null;
  },
};
