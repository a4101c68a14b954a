import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { type Figure, type Goal, judge } from "./figures.ts";
import { measureBundle } from "./measure-bundle.ts";
import { readCpuSeconds, readMemoryMib } from "./read-process.ts";
import { pause } from "./wait-until.ts";
import { planLoad, type Sale, withSale } from "./with-sale.ts";

const connections = 64;
/** A load that leaves the machine room for those who watch. */
const loadRps = 1_500;
const probePauseMs = 10;
/** The load ends when the probes have ended. */
const saturationMaxMs = 60_000;

interface Times {
  /** After the start, until the service is at rest. */
  readonly settleMs: number;
  readonly restMs: number;
  readonly warmUpMs: number;
  readonly probes: number;
}

const usualTimes: Times = { settleMs: 2_000, restMs: 3_000, warmUpMs: 1_500, probes: 150 };
const smokeTimes: Times = { settleMs: 500, restMs: 1_000, warmUpMs: 500, probes: 20 };

interface ProbeTimes {
  readonly overviewMs: number[];
  readonly metricsMs: number[];
}

/** Measures the operations listener under load, the memory of the processes at rest, and the dashboard's size. */
export async function measureOperations(bench: ClusterBench): Promise<PartResult> {
  const { options, signal } = bench;
  const settings = { workersMin: 1, workersMax: 1 };
  const times = options.smoke ? smokeTimes : usualTimes;
  const { found, audit } = await withSale(bench, settings, connections, async (sale) => {
    await pause(times.settleMs, signal);
    const rest = await measureRest(sale, times, signal);
    sale.buyers.setRate(loadRps);
    await pause(times.warmUpMs, signal);
    const loaded = await probe(sale, times, signal);
    sale.buyers.setRate(0);
    const saturated = await probeSaturated(bench, sale, times);
    return [...rest, ...judgeProbes(loaded, saturated)];
  });
  const bundle = judge(
    {
      name: "bundle",
      what: "the dashboard's scripts and styles, gzip",
      unit: "kB",
      goal: { atMost: 250 },
    },
    await measureBundle(),
    "sum",
  );
  return { figures: [...found, bundle], audits: [audit], notes: [] };
}

/** Nothing is asked of the service meanwhile. Empty where processes cannot be looked into. */
async function measureRest(
  { service, operations }: Sale,
  { restMs }: Times,
  signal: AbortSignal,
): Promise<Figure[]> {
  const pids = [service.pid, (await operations.readyWorkers())[0]?.pid ?? 0] as const;
  const before = await Promise.all(pids.map(readCpuSeconds));
  await pause(restMs, signal);
  const after = await Promise.all(pids.map(readCpuSeconds));
  const [supervisorMib, workerMib] = await Promise.all([readMemoryMib(pids[0]), readMemoryMib(pids[1])]);
  const percents = pids.flatMap((_, index) => {
    const [from, to] = [before[index] ?? null, after[index] ?? null];
    return from === null || to === null ? [] : [((to - from) / restMs) * 1000 * 100];
  });
  const figure = (name: string, what: string, mib: number | null, goal: Goal | null) =>
    mib === null ? [] : [judge({ name, what, unit: "MiB", goal }, [mib], "sum")];
  return [
    ...figure("memory", "a worker at rest", workerMib, { atMost: 120 }),
    ...figure("", "the supervisor at rest", supervisorMib, null),
    ...(percents.length === 0
      ? []
      : [
          judge(
            {
              name: "",
              what: "of a processor: supervisor and worker at rest, together",
              unit: "%",
              goal: null,
            },
            percents,
            "sum",
          ),
        ]),
  ];
}

async function probe({ operations }: Sale, { probes }: Times, signal: AbortSignal): Promise<ProbeTimes> {
  const times: ProbeTimes = { overviewMs: [], metricsMs: [] };
  for (let done = 0; done < probes; done += 1) {
    times.overviewMs.push(await operations.time("/ops/v1/overview"));
    times.metricsMs.push(await operations.time("/metrics"));
    await pause(probePauseMs, signal);
  }
  return times;
}

/** The same while the load generator takes whatever the machine gives: then everybody waits for a processor. */
async function probeSaturated(bench: ClusterBench, sale: Sale, times: Times): Promise<ProbeTimes> {
  const { load, options, signal } = bench;
  const { service, database, eventId } = sale;
  const plan = planLoad({
    port: service.port,
    database,
    eventId,
    kind: "hold",
    connections: options.connections,
    warmUpMs: times.warmUpMs,
    measuredMs: saturationMaxMs,
  });
  const running = load.run(plan);
  try {
    await pause(times.warmUpMs, signal);
    return await probe(sale, times, signal);
  } finally {
    load.stopEarly();
    await running;
  }
}

function judgeProbes(loaded: ProbeTimes, saturated: ProbeTimes): Figure[] {
  const under = `under ${loadRps.toLocaleString("en")} holds per second`;
  const shown = { name: "", unit: "ms", goal: null } as const;
  const overview = { name: "overview", what: `answer ${under}, p99`, unit: "ms" } as const;
  const metrics = { name: "metrics", what: `scrape ${under}, p99`, unit: "ms" } as const;
  return [
    judge({ ...overview, goal: { atMost: 20 } }, loaded.overviewMs, "p99"),
    judge({ ...shown, what: "overview under all the load there can be, p99" }, saturated.overviewMs, "p99"),
    judge({ ...metrics, goal: { atMost: 50 } }, loaded.metricsMs, "p99"),
    judge({ ...shown, what: "scrape under all the load there can be, p99" }, saturated.metricsMs, "p99"),
  ];
}
