import { Attack } from "./attack.ts";
import { furnishService } from "./furnish-service.ts";
import { judgeMemory } from "./judge-memory.ts";
import { RequestPlan } from "./plan-requests.ts";
import type { Options } from "./read-options.ts";
import { startReceiver } from "./receiver.ts";
import { ReplySchemas } from "./reply-schemas.ts";
import { showProgress } from "./show-progress.ts";
import { type Summary, summarise } from "./summary.ts";
import { TargetService } from "./target-service.ts";
import { WorkerWatch } from "./watch-workers.ts";

/** Longer than the service takes for its slowest refusal, and shorter than anybody waits. */
const answerMaxMs = 12_000;

/**
 * Starts a service, attacks it and judges it.
 *
 * @param tell told what happens, in one sentence
 * @throws RunError when there was nothing to attack
 */
export async function runRequests(
  options: Options,
  signal: AbortSignal,
  tell: (sentence: string) => void,
): Promise<Summary> {
  const receiver = await startReceiver();
  try {
    tell("Starting the service in a folder of its own.");
    const service = await TargetService.start(options.workers, signal);
    try {
      return await attackService(service, receiver.url, options, { signal, tell });
    } finally {
      await service.stop();
    }
  } finally {
    await receiver.stop();
  }
}

async function attackService(
  service: TargetService,
  receiverUrl: string,
  options: Options,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (sentence: string) => void },
): Promise<Summary> {
  const known = await furnishService(service, receiverUrl);
  const schemas = new ReplySchemas();
  const attack = new Attack({
    plan: new RequestPlan(options.seed, schemas.document),
    known,
    schemas,
    addresses: { public: service.publicAddress, operations: service.operationsAddress },
    connections: options.connections,
    limitMs: answerMaxMs,
    signal,
  });
  const [from, to] = [options.from, options.from + options.requests];
  tell(`Sending ${to - from} requests of the seed ${options.seed} over ${options.connections} connections.`);
  const watch = new WorkerWatch(service.operationsAddress);
  watch.start(() => attack.tally.planned);
  const endProgress = showProgress(process.stderr, attack.tally, to - from);
  const sinceMs = performance.now();
  await attack.run(from, to);
  const seconds = (performance.now() - sinceMs) / 1000;
  endProgress();
  await watch.stop();
  const isGone = service.isGone;
  const audit = isGone ? null : await service.audit();
  const stoppedInOrder = await service.stop();
  const total = attack.tally.planned;
  return summarise({
    seed: options.seed,
    requests: to - from,
    seconds,
    tally: attack.tally,
    replays: attack.replays.replays,
    logDefects: service.log.defects,
    logDefectCount: service.log.defectCount,
    warnings: service.log.warnings,
    restarts: watch.restarts,
    isGone,
    stoppedInOrder,
    audit,
    memory: {
      workers: judgeMemory(watch.samples, total, (sample) => sample.workersBytes),
      supervisor: judgeMemory(watch.samples, total, (sample) => sample.supervisorBytes),
    },
  });
}
