import { CartRequestWriter, eventIndexOf, itemsPerCart } from "./cart-requests.ts";
import { countStatus, isCounted, type Load } from "./load.ts";
import type { Conversation } from "./load-connection.ts";

const pendingStatus = 202;
const unavailableStatus = 503;
const paid = Buffer.from('"status":"paid"');

/** Fills one cart after the other, item by item, until all carts of the plan are taken. */
export function fillCarts(load: Load): Conversation {
  const { plan, users } = load;
  const writer = new CartRequestWriter(plan);
  let cart = 0;
  let item = 0;
  const put = () => writer.put(cart, eventIndexOf(cart, item, plan.eventIds.length));
  const fillNext = () => {
    cart = users.take();
    item = 0;
    return cart > plan.carts || performance.now() >= load.endMs ? null : put();
  };
  return {
    first: fillNext,
    next: ({ status }) => {
      countStatus(load, status);
      // Filling is not what is measured: a disk that stands still for a moment must not end it.
      if (status === unavailableStatus && performance.now() < load.endMs) return put();
      // What comes after would be no better.
      if (status !== 200) load.endMs = performance.now();
      item += 1;
      return item < itemsPerCart && status === 200 ? put() : fillNext();
    },
  };
}

/** Checks out one filled cart after the other. The counted time ends early when all are bought. */
export function checkOutCarts(load: Load): Conversation {
  const { plan, users } = load;
  const writer = new CartRequestWriter(plan);
  let cart = 0;
  let sinceMs = 0;
  const checkOutNext = (nowMs: number) => {
    if (nowMs >= load.endMs) return null;
    cart = users.take();
    if (cart > plan.carts) {
      load.endMs = nowMs;
      return null;
    }
    sinceMs = nowMs;
    return writer.checkOut(cart);
  };
  return {
    first: () => checkOutNext(performance.now()),
    next(reply, bytes) {
      const nowMs = performance.now();
      const isPaid = reply.status === 201 && reply.has(bytes, paid);
      const status = reply.status === 201 && !isPaid ? pendingStatus : reply.status;
      if (isPaid) load.received.add(bytes, reply.idStart(bytes), cart, 0);
      if (isCounted(load, nowMs)) {
        countStatus(load, status);
        // An overloaded service that refuses at once must not look fast.
        if (status < 500) load.latencies.record(nowMs - sinceMs);
      }
      return checkOutNext(nowMs);
    },
  };
}
