import { overviewReply } from "../../api/contract/dashboard.ts";
import { askOnce } from "../system/ask-service.ts";
import { sendSignal } from "../system/read-processes.ts";
import { waitUntil } from "../system/wait-until.ts";
import type { Fault, FaultContext } from "./fault.ts";

const noticeMaxMs = 8_000;
const askMaxMs = 2_000;
/** Starts that fail are paced: until the next one the pause may have grown to this. */
const backOffMaxMs = 8_000;
const calmMs = 1_000;
const workersMax = 2;

/** Row 14: every worker ends, and every one that is started in its place ends as well. */
export const crashAtStart: Fault = {
  kind: "crash_at_start",
  number: 14,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: null,
  weight: "heavy",
  async inject(context) {
    const { system, signal, begun, underLoad } = context;
    const pids = await system.workerPids();
    if (pids.length < workersMax) return "not all workers were ready";
    try {
      system.points.setCrashAtStart(true);
      await underLoad();
      for (const pid of pids) sendSignal(pid, "SIGKILL");
      begun(`workers ${pids.join(" and ")} were killed, and each new one ends as it starts`);
      await checkPromises(context);
    } finally {
      system.points.setCrashAtStart(false);
    }
    context.over();
    // They have to come back by themselves, after the pause between starts.
    const isBack = async () => (await system.workerPids()).length >= workersMax;
    if ((await waitUntil(isBack, backOffMaxMs + calmMs, signal).catch(() => true)) === null)
      context.found(`The workers were not back ${backOffMaxMs + calmMs} ms after they could start again.`);
    return null;
  },
};

async function checkPromises({ system, signal, found }: FaultContext): Promise<void> {
  const isUnready = async () => (await askOnce(`${system.opsUrl}/readyz`, askMaxMs))?.status === 503;
  const saysWhy = async () => {
    const overview = overviewReply.safeParse(
      parse((await askOnce(`${system.opsUrl}/ops/v1/overview`, askMaxMs))?.text),
    );
    return (
      overview.success &&
      overview.data.status === "down" &&
      overview.data.firing.some(({ name }) => name === "NoLiveWorkers" || name === "WorkersCrashLooping")
    );
  };
  try {
    if ((await waitUntil(isUnready, noticeMaxMs, signal)) === null)
      found(`/readyz did not answer 503 within ${noticeMaxMs} ms while every worker ended at its start.`);
    if ((await waitUntil(saysWhy, noticeMaxMs, signal)) === null)
      found(`The overview did not say why within ${noticeMaxMs} ms while every worker ended at its start.`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
