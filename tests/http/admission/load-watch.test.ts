import { expect, test } from "vitest";
import { defaultAdmissionLimits } from "../../../api/http/admission/admission-limits.ts";
import { LoadWatch } from "../../../api/http/admission/load-watch.ts";

const { requestsMax, strainedRequestsMax, timeInWorkMs } = defaultAdmissionLimits;
const lookEveryMs = 20;

/** A worker that is looked at again and again, on a clock of its own. */
function openWorker() {
  const waits = { deskMs: 0, pool: 0 };
  const watch = new LoadWatch(
    { deskWaitMs: () => waits.deskMs, poolWaiting: () => waits.pool },
    defaultAdmissionLimits,
  );
  let nowMs = performance.now();
  let served = 0;
  /** Serves at a rate for a while. @returns how many requests it may have in work then */
  const serve = (ms: number, perSecond: number, isFull: boolean): number => {
    let limit = 0;
    for (let passedMs = 0; passedMs < ms; passedMs += lookEveryMs) {
      nowMs += lookEveryMs;
      served += (perSecond * lookEveryMs) / 1000;
      limit = watch.look(nowMs, served, isFull);
    }
    return limit;
  };
  return { waits, watch, serve };
}

test("a worker that has little to do lets in a rush", () => {
  expect(openWorker().serve(10_000, 5, false)).toBe(requestsMax);
});

test("one that is full lets in what it can serve in time, and a rush again once that is over", () => {
  const { serve } = openWorker();
  const perSecond = 4_000;
  const limit = serve(10_000, perSecond, true);
  expect(limit).toBeGreaterThan((perSecond * timeInWorkMs * 0.9) / 1000);
  expect(limit).toBeLessThan((perSecond * timeInWorkMs * 1.1) / 1000);
  expect(serve(10_000, 5, false)).toBeGreaterThan(requestsMax * 0.9);
});

test("one that serves hardly anything still lets in enough to fill a batch", () => {
  expect(openWorker().serve(30_000, 1, true)).toBe(strainedRequestsMax);
});

test("what waits too long at the desk or for the pool is told from what two looks in a row have seen", () => {
  const { waits, watch, serve } = openWorker();
  waits.deskMs = 5_000;
  expect(serve(lookEveryMs, 5, false)).toBe(requestsMax);
  expect(serve(lookEveryMs, 5, false)).toBe(strainedRequestsMax);
  expect(watch.reason).toBe("desk");
  waits.deskMs = 0;
  expect(serve(lookEveryMs, 5, false)).toBe(requestsMax);
  waits.pool = 5_000;
  expect(serve(2 * lookEveryMs, 5, false)).toBe(strainedRequestsMax);
  expect(watch.reason).toBe("pool");
});
