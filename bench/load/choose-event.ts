const slotCount = 65_536;

/**
 * Makes a chooser of events that follows Zipf's law with exponent 1.0: the n-th is asked for 1/n as often as
 * the first.
 *
 * @param eventCount 1 to 65,536
 * @returns a function that gives a position from 0 to eventCount - 1; its sequence is the same in every run
 */
export function makeEventChooser(eventCount: number): () => number {
  if (eventCount === 1) return () => 0;
  const slots = fillSlots(eventCount);
  let state = 0x9e3779b9;
  return () => {
    // Xorshift (Marsaglia 2003): cheap, and good enough to pick slots.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return slots[state & (slotCount - 1)] ?? 0;
  };
}

/** Gives each event as many slots as its share. */
function fillSlots(eventCount: number): Uint16Array {
  let weightSum = 0;
  for (let rank = 1; rank <= eventCount; rank += 1) weightSum += 1 / rank;
  const slots = new Uint16Array(slotCount);
  let slot = 0;
  let share = 0;
  for (let rank = 1; rank <= eventCount; rank += 1) {
    share += 1 / rank / weightSum;
    const end = rank === eventCount ? slotCount : Math.round(share * slotCount);
    slots.fill(rank - 1, slot, end);
    slot = end;
  }
  return slots;
}
