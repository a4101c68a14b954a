import { describe, expect, it } from "vitest";
import {
  countOf,
  formatAxisValue,
  formatBytes,
  formatCount,
  formatMeasure,
  formatMebibytes,
  formatPercent,
  formatPrice,
} from "../../dashboard/shared/format/numbers.ts";
import {
  formatAge,
  formatDuration,
  formatExactDuration,
  formatMoment,
  formatUtc,
} from "../../dashboard/shared/format/times.ts";

describe("figures", () => {
  it.each([
    [0, "0"],
    [0.004, "<0.1"],
    [0.06, "0.1"],
    [3.14, "3.1"],
    [9.94, "9.9"],
    [9.96, "10"],
    [41.7, "42"],
    [12_345.6, "12,346"],
    [null, "–"],
  ])("of measure %s are written %s", (value, text) => {
    expect(formatMeasure(value)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [1023, "1,023 B"],
    [1536, "2 KiB"],
    [684_000_000, "652 MiB"],
    [2 ** 30, "1.00 GiB"],
    [17_179_869_184, "16.0 GiB"],
    [2 ** 41, "2.00 TiB"],
    [null, "–"],
  ])("of %s bytes are written %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("never turn what was not measured into a zero", () => {
    expect([formatCount(null), formatPercent(null), formatMebibytes(null)]).toEqual(["–", "–", "–"]);
    expect([formatCount(0), formatPercent(0), formatMebibytes(0)]).toEqual(["0", "0 %", "0"]);
  });

  it("on an axis are as short as they can be said", () => {
    expect([0, 0.25, 2.5, 4000].map(formatAxisValue)).toEqual(["0", "0.25", "2.5", "4,000"]);
  });

  it.each([
    [0, "USD", "Free"],
    [4900, "USD", "$49.00"],
    [123_456, "ZZZ", /1,234\.56/],
  ])("of %s cents of %s are a price", (cents, currency, text) => {
    expect(formatPrice(cents, currency)).toMatch(text);
  });

  it("count one thing in the singular", () => {
    expect([countOf(1, "event"), countOf(0, "event"), countOf(2000, "entry", "entries")]).toEqual([
      "1 event",
      "0 events",
      "2,000 entries",
    ]);
  });
});

describe("times", () => {
  it.each([
    [-500, "0 s"],
    [59_400, "59 s"],
    [60_000, "1 min"],
    [3_599_000, "59 min"],
    [3_600_000, "1 h"],
    [4_320_000, "1 h 12 min"],
    [90_000_000, "1 d 1 h"],
  ])("of %s ms last %s", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it.each([
    [420, "420 ms"],
    [12_000, "12 s"],
    [252_000, "4 min 12 s"],
    [240_000, "4 min"],
    [4_320_000, "1 h 12 min"],
  ])("of %s ms last exactly %s", (durationMs, text) => {
    expect(formatExactDuration(durationMs)).toBe(text);
  });

  it.each([
    [900, "just now"],
    [12_000, "12 s ago"],
    [125_000, "2 min ago"],
  ])("of %s ms are an age: %s", (ageMs, text) => {
    expect(formatAge(ageMs)).toBe(text);
  });

  it("of another day name the day, and of another year the year", () => {
    const at = (year: number, month: number, day: number) => new Date(year, month, day, 14, 5, 12).getTime();
    const now = at(2030, 0, 31);
    expect(formatMoment(now, now)).toBe("14:05:12");
    expect(formatMoment(at(2030, 0, 30), now)).toBe("30 Jan, 14:05:12");
    expect(formatMoment(at(2029, 11, 31), now)).toBe("31 Dec 2029, 14:05:12");
  });

  it("can be told in UTC", () => {
    expect(formatUtc(Date.UTC(2030, 0, 31, 18, 0, 7, 450))).toBe("2030-01-31 18:00:07 UTC");
  });
});
