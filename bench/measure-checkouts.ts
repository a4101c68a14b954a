import { randomBytes } from "node:crypto";
import type pg from "pg";
import { auditCheckouts } from "./audit-checkouts.ts";
import type { AuditResult } from "./audit-arm.ts";
import { BenchError } from "./bench-error.ts";
import { expireCartsAt } from "./database/other-carts.ts";
import { waitUntilReleased } from "./database/other-holds.ts";
import { itemsPerCart } from "./load/cart-requests.ts";
import type { LoadGenerator } from "./load-generator.ts";
import type { LoadPlan, LoadResult } from "./load/load-plan.ts";

/** More than any service here buys each second, so that the filled carts last for the whole measurement. */
const checkoutsPerSecondMax = 5_000;
const fillMaxMs = 180_000;
const otherCarts = 1_000;
/** While other carts expire, only the time right after their deadline is counted. */
const expiringMeasuredMs = 2_000;
/** Time to begin the load before the other carts end. */
const leadSeconds = 3;
const releaseMaxSeconds = 30;

export interface CheckoutBench {
  readonly load: LoadGenerator;
  readonly client: pg.Client;
  readonly signal: AbortSignal;
  /** Pays for what came before. */
  readonly checkpoint: () => Promise<void>;
}

/** What a load found, and whether the database agrees. */
export interface AuditedLoad {
  readonly result: LoadResult;
  /** From the deadline of the others until none of them held a ticket; null without any. */
  readonly releasedAfterSeconds: number | null;
  readonly audit: AuditResult;
}

/** Fills carts, buys them against the clock, and audits the orders. @param plan of the checkouts, without its carts */
export async function measureCheckouts(
  bench: CheckoutBench,
  plan: LoadPlan,
  isBesideExpiringCarts: boolean,
): Promise<AuditedLoad> {
  const { load, client } = bench;
  const measuredMs = isBesideExpiringCarts ? expiringMeasuredMs : plan.measuredMs;
  const warmUpMs = isBesideExpiringCarts ? leadSeconds * 1000 : plan.warmUpMs;
  const carts = Math.ceil(((warmUpMs + measuredMs) / 1000) * checkoutsPerSecondMax);
  const full = { ...plan, carts, warmUpMs, measuredMs };
  await fill(load, full);
  const others = { ...plan, carts: otherCarts, userTag: randomBytes(3).toString("hex") };
  if (isBesideExpiringCarts) await fill(load, others);
  await bench.checkpoint();

  let releasing: Promise<number | null> = Promise.resolve(null);
  if (isBesideExpiringCarts) {
    const at = await expireCartsAt(client, others.userTag, leadSeconds);
    releasing = waitUntilReleased(client, { at }, releaseMaxSeconds, bench.signal);
    // Whoever asks for the result learns of a failure; until then it must not end the process.
    releasing.catch(() => {});
  }
  const result = await load.run(full);
  const releasedAfterSeconds = await releasing;
  return { result, releasedAfterSeconds, audit: await auditCheckouts(client, full, result) };
}

/** Asks again for what the service could not do for the moment. @throws BenchError when a cart could not be filled */
async function fill(load: LoadGenerator, plan: LoadPlan): Promise<void> {
  const filling = { ...plan, kind: "fill_carts", warmUpMs: 0, measuredMs: fillMaxMs } as const;
  const { countByStatus, failures, firstFailure } = await load.run(filling);
  if (failures > 0) throw new BenchError(`Carts could not be filled: ${firstFailure ?? "unknown"}`);
  if (countByStatus[200] !== plan.carts * itemsPerCart)
    throw new BenchError(`Carts could not be filled: ${JSON.stringify(countByStatus)} answers by status.`);
}
