import { RequestWriter } from "./hold-requests.ts";
import { countStatus, isCounted, type Load } from "./load.ts";
import type { Conversation } from "./load-connection.ts";
import type { ReplyReader } from "./reply-reader.ts";

/** What one connection says: holds one after the other, or holds that it confirms. */
export function converseAboutHolds(load: Load): Conversation {
  const writer = new RequestWriter(load.plan);
  const confirms = load.plan.kind === "life";
  let userNumber = 0;
  let eventIndex = 0;
  let sinceMs = 0;
  const hold = (nowMs: number): Buffer | null => {
    if (nowMs >= load.endMs) return null;
    userNumber = load.users.take();
    eventIndex = load.chooseEvent();
    sinceMs = nowMs;
    return writer.hold(userNumber, eventIndex);
  };
  return {
    first: () => hold(performance.now()),
    next(reply: ReplyReader, bytes: Buffer) {
      const nowMs = performance.now();
      const counts = isCounted(load, nowMs);
      const { status } = reply;
      if (counts) countStatus(load, status);
      if (status === 201) {
        const idStart = reply.idStart(bytes);
        load.received.add(bytes, idStart, userNumber, eventIndex);
        if (confirms) return writer.confirm(bytes, idStart);
      } else if (status === 200) {
        load.confirmedTotal += 1;
      }
      // An overloaded service that refuses at once must not look fast.
      if (counts && status < 500) load.latencies.record(nowMs - sinceMs);
      return hold(nowMs);
    },
  };
}
