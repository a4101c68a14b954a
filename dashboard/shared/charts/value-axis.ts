const roundSteps = [1, 2, 4, 5, 8, 10];
/** A chart of memory ends at 800 MiB, not at 763. */
const bytesPerMebibyte = 2 ** 20;
/** Below this part of its height the axis shrinks; above, it stays, so that lines do not jump. */
const shrinksBelow = 0.4;

/**
 * Where a value axis ends: the next round number above the highest value, and never lower than the one before
 * unless the lines have become small in it.
 *
 * @param highest the highest value to be shown
 * @param least what the axis shows at least, so that small noise does not fill it
 * @param previousTop where the axis ended before
 * @param unit of what the end is to be a round number: 1, or the bytes of a mebibyte
 */
export function chooseTop(highest: number, least: number, previousTop = 0, unit = 1): number {
  const wanted = roundUp(Math.max(highest * 1.05, least) / unit) * unit;
  if (wanted >= previousTop) return wanted;
  return highest < previousTop * shrinksBelow ? wanted : previousTop;
}

/** The same for bytes. */
export function chooseTopBytes(highest: number, least: number, previousTop = 0): number {
  return chooseTop(highest, least, previousTop, bytesPerMebibyte);
}

/** The values that an axis names: three on a low chart; on a high one as many as divide its end into round parts. */
export function chooseValueTicks(top: number, isHigh: boolean): number[] {
  if (!isHigh) return [0, top / 2, top];
  const leading = Math.round(top / 10 ** Math.floor(Math.log10(top)));
  const parts = leading === 5 || leading === 1 ? 5 : 4;
  return Array.from({ length: parts + 1 }, (_, index) => (top * index) / parts);
}

function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = roundSteps.find((each) => each * power >= value * 0.999_999) ?? 10;
  return step * power;
}
