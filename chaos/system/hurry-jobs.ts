import { setTimeout as wait } from "node:timers/promises";
import { askOnce } from "./ask-service.ts";
import type { SystemUnderTest } from "./system-under-test.ts";

const everyMs = 250;
const askMaxMs = 1_000;

/**
 * Has periodic work of the service done again and again, as an operator can by its name. While the service is away nothing
 * comes of that.
 *
 * @returns when the signal aborts; never rejects
 */
export async function hurryJobs(
  { opsUrl, adminKey }: Pick<SystemUnderTest, "opsUrl" | "adminKey">,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  while (!signal.aborted) {
    for (const name of names)
      await askOnce(`${opsUrl}/ops/v1/jobs/${name}/run`, askMaxMs, { method: "POST", headers, body: "{}" });
    await wait(everyMs, null, { signal }).catch(() => {});
  }
}
