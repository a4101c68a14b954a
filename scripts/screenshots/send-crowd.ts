import { setTimeout as wait } from "node:timers/promises";
import type { Shop } from "./shop.ts";

/** Where a buyer goes. The shares of all stands need not add up to anything. */
export interface Stand {
  readonly eventId: string;
  readonly share: number;
}

const tickMs = 20;
/** More buyers than this at once would be a test of this program. */
const underWayMax = 400;
const thinkMaxMs = 6_000;
/** What buyers do with a ticket that they hold: most pay, some cancel, the others let the hold run out. */
const payShare = 0.74;
const cancelShare = 0.08;

/**
 * Sends buyers at a rate that changes, whether or not earlier ones were answered.
 *
 * @param ratePerSecond how many come each second, by the milliseconds since the start
 * @param stopping aborted to send no more; those who think are then not waited for
 */
export async function sendCrowd(
  shop: Shop,
  stands: readonly Stand[],
  ratePerSecond: (sinceStartMs: number) => number,
  stopping: AbortSignal,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  let [atMs, owed, number] = [startMs, 0, 0];
  while (!stopping.aborted) {
    await wait(tickMs, undefined, { signal: stopping }).catch(() => {});
    const nowMs = performance.now();
    owed += (ratePerSecond(nowMs - startMs) * (nowMs - atMs)) / 1000;
    atMs = nowMs;
    for (; owed >= 1; owed -= 1) {
      if (underWay.size >= underWayMax * (thinkMaxMs / 1000)) continue;
      number += 1;
      const visit = buy(shop, chooseStand(stands), `buyer-${number}@shop.example`, stopping)
        // A buyer who meets a stop has nothing to tell.
        .catch(() => {})
        .finally(() => underWay.delete(visit));
      underWay.add(visit);
    }
  }
  await Promise.all(underWay);
}

function chooseStand(stands: readonly Stand[]): string {
  const all = stands.reduce((sum, { share }) => sum + share, 0);
  let ticket = Math.random() * all;
  const found = stands.find(({ share }) => (ticket -= share) < 0) ?? stands[0];
  return found?.eventId ?? "";
}

async function buy(shop: Shop, eventId: string, userId: string, stopping: AbortSignal): Promise<void> {
  const hold = await shop.hold(eventId, userId);
  if (hold === null) return;
  await wait(Math.random() * thinkMaxMs, undefined, { signal: stopping });
  const mood = Math.random();
  if (mood < payShare) await shop.change(hold.id, "confirm");
  else if (mood < payShare + cancelShare) await shop.change(hold.id, "cancel");
}
