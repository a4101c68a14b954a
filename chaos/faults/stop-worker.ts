import { createClient, endClient } from "../system/keep-judge.ts";
import { sendSignal } from "../system/read-processes.ts";
import { waitUntil } from "../system/wait-until.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { frequentPoints } from "./frequent-points.ts";
import { pause } from "./pause.ts";

const strikeMaxMs = 3_000;
const passagesMax = 10;
/** Beyond the time after which the database lets go of what a silent transaction holds. */
const freedMaxMs = 2_500;
const lookMaxMs = 6_000;
const queryMaxMs = 2_000;

/** Row 5: a worker stops while it holds a lock. The database frees those who wait, and the late worker changes nothing. */
export const stopWorker: Fault = {
  kind: "worker_stop",
  number: 5,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: freedMaxMs,
  weight: "heavy",
  async inject(context) {
    const { system, random, signal, begun, measured, found } = context;
    const points = frequentPoints(await system.points.seen(), /^after lock-/);
    if (points.length === 0) return "no worker has locked anything so far";
    const point = random.choose(points);
    const looker = createClient(system.judgeUrl, queryMaxMs);
    let pid = 0;
    const goOn = () => void sendSignal(pid, "SIGCONT");
    process.once("exit", goOn);
    try {
      await looker.connect();
      const order = {
        point,
        passage: random.between(1, passagesMax),
        victim: "worker_stop",
        pid: null,
      } as const;
      const outcome = await system.points.strike([order], strikeMaxMs, signal);
      if (outcome.kind !== "struck") return `nobody came to the point "${point}"`;
      pid = outcome.strike.pid;
      begun(`worker ${pid} was stopped ${point}`);
      const freedMs = await measureFreeing(looker, context);
      if (freedMs !== null) measured(freedMs);
      else if (!signal.aborted) found(`What a stopped worker had locked was not free after ${lookMaxMs} ms.`);
      await pause(random.between(0, 1_000), signal);
    } catch (error) {
      // Something else may have taken the database away; the worker has to go on all the same.
      if (pid === 0) return `the database could not be asked: ${error instanceof Error ? error.message : ""}`;
    } finally {
      goOn();
      process.off("exit", goOn);
      await endClient(looker);
    }
    return null;
  },
};

/**
 * A transaction that has failed holds no lock any more, even while its silent client leaves it open.
 *
 * @returns how long it took until no transaction that was open when the worker stopped held anything; null at the limit
 */
async function measureFreeing(
  looker: ReturnType<typeof createClient>,
  { signal }: FaultContext,
): Promise<number | null> {
  const stoppedAtMs = performance.now();
  const { rows } = await looker.query<{ now: string }>("select clock_timestamp()::text as now");
  const freed = async () => {
    const { rows: open } = await looker.query(
      `select 1 from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'
        and state not in ('idle', 'idle in transaction (aborted)') and xact_start <= $1::timestamptz`,
      [rows[0]?.now],
    );
    return open.length === 0;
  };
  const isFreed = await waitUntil(freed, lookMaxMs, signal);
  return isFreed === null ? null : performance.now() - stoppedAtMs;
}
