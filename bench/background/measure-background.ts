import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { measureVerifications } from "./measure-verifications.ts";
import { measureWebhooks } from "./measure-webhooks.ts";

/** Measures what is done beside the sale: verifications, then webhooks. */
export async function measureBackground(bench: ClusterBench): Promise<PartResult> {
  bench.signal.addEventListener("abort", () => bench.load.stopEarly());
  const verifications = await measureVerifications(bench);
  const webhooks = await measureWebhooks(bench);
  return {
    figures: [...verifications.figures, ...webhooks.figures],
    audits: [...verifications.audits, ...webhooks.audits],
    notes: [...verifications.notes, ...webhooks.notes],
  };
}
