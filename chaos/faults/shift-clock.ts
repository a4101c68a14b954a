import type { Fault } from "./fault.ts";
import { pause } from "./pause.ts";

const tenMinutesMs = 600_000;

/** Row 12: the clock of the machine that the service runs on is wrong. Deadlines are the database's, so nothing changes. */
export const shiftClock: Fault = {
  kind: "wrong_clock",
  number: 12,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: null,
  weight: "heavy",
  async inject({ system, random, signal, begun, underLoad }) {
    const offsetMs = random.choose([-tenMinutesMs, tenMinutesMs]);
    const lastMs = random.between(1_500, 3_000);
    try {
      await underLoad();
      system.points.setClockOffset(offsetMs);
      begun(`the service's clock was wrong by ${offsetMs / 60_000} minutes for ${lastMs} ms`);
      await pause(lastMs, signal);
    } finally {
      system.points.setClockOffset(0);
    }
    return null;
  },
};
