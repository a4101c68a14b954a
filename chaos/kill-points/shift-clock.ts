/** The wall clock of this process. Timers and the monotonic clock do not follow it. */
export interface ShiftedClock {
  /** @param offsetMs how far the clock is ahead; negative when it is behind */
  set(offsetMs: number): void;
}

/** Replaces the wall clock of this process by one that can be wrong. */
export function shiftClock(): ShiftedClock {
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  let offset = 0;
  const now = () => realNow() + offset;
  RealDate.now = now;
  const Shifted = new Proxy(RealDate, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
  });
  // So that an instance's constructor is the one that everybody knows.
  RealDate.prototype.constructor = Shifted;
  globalThis.Date = Shifted;
  return { set: (offsetMs) => (offset = offsetMs) };
}
