/** What stands where a figure could not be measured. */
export const absent = "–";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const axis = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const bytesOfUnits = [
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** A whole number with thousands separators. */
export function formatCount(value: number | null): string {
  return value === null ? absent : whole.format(value);
}

/** A rate, a percentage or milliseconds: one decimal below 10, none above, and never a zero that is not one. */
export function formatMeasure(value: number | null): string {
  if (value === null) return absent;
  if (value === 0) return "0";
  if (value < 0.05) return "<0.1";
  return value < 9.95 ? oneDecimal.format(value) : whole.format(value);
}

export function formatPercent(value: number | null): string {
  return value === null ? absent : `${formatMeasure(value)} %`;
}

/** A number on an axis: as short as it can be said. */
export function formatAxisValue(value: number): string {
  return axis.format(value);
}

/** Bytes as whole mebibytes, without the unit. */
export function formatMebibytes(bytes: number | null): string {
  return bytes === null ? absent : whole.format(bytes / 2 ** 20);
}

/** Bytes in the largest binary unit that leaves a number above 1. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return absent;
  const unit = bytesOfUnits.find(([, size]) => bytes >= size);
  if (unit === undefined) return `${whole.format(bytes)} B`;
  const value = bytes / unit[1];
  const format = value >= 100 || unit[1] <= 2 ** 20 ? whole : value >= 10 ? oneDecimal : twoDecimals;
  return `${format.format(value)} ${unit[0]}`;
}

/** A price in hundredths of its currency; free events say so. */
export function formatPrice(cents: number, currency: string): string {
  if (cents === 0) return "Free";
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(cents / 100);
  } catch {
    // A code of three letters need not be a currency that this browser knows.
    return `${twoDecimals.format(cents / 100)} ${currency}`;
  }
}

/** "1 worker", "3 workers". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}
