import { describe, expect, it } from "vitest";
import { lintMetrics } from "./lint-metrics.ts";
import { parseExposition } from "./parse-exposition.ts";

const head = "# HELP a_total What a is.\n# TYPE a_total counter\n";
const histogram = (lines: string) => `# HELP h_seconds What h is.\n# TYPE h_seconds histogram\n${lines}\n`;

describe("the parser of Prometheus' text", () => {
  it("reads what is well-formed, escapes and strange values included", () => {
    const text = `${head}a_total{b="c\\"d\\\\e\\nf,}{",g="ü"} 1.5e3\n\n# HELP i .\n# TYPE i gauge\ni -Inf\n`;
    expect(parseExposition(text)).toEqual([
      {
        name: "a_total",
        help: "What a is.",
        type: "counter",
        samples: [{ name: "a_total", labels: { b: 'c"d\\e\nf,}{', g: "ü" }, value: 1500 }],
      },
      { name: "i", help: ".", type: "gauge", samples: [{ name: "i", labels: {}, value: -Infinity }] },
    ]);
  });

  it.each([
    ["no line feed at the end", "line feed", `${head}a_total 1`],
    ["a sample without HELP and TYPE", "before its HELP", "a_total 1\n"],
    ["a sample without TYPE", "before its HELP", "# HELP a_total What a is.\na_total 1\n"],
    ["TYPE without HELP", "TYPE out of place", "# TYPE a_total counter\na_total 1\n"],
    ["a second HELP", "a second HELP", `${head}a_total 1\n# HELP a_total Again.\n`],
    ["TYPE after samples", "TYPE out of place", `${head}a_total 1\n# TYPE a_total counter\n`],
    ["an unknown type", "not a type", "# HELP a_total .\n# TYPE a_total number\n"],
    ["a sample of another metric", "no sample of a_total", `${head}b_total 1\n`],
    ["a name that is none", "not a name", "# HELP a-b .\n# TYPE a-b gauge\n"],
    ["a label that is none", "not a label", `${head}a_total{1b="c"} 1\n`],
    ["a reserved label", "a reserved label", `${head}a_total{__b="c"} 1\n`],
    ["a label twice", "a label that comes twice", `${head}a_total{b="c",b="d"} 1\n`],
    ["a stray comma", "not a label", `${head}a_total{b="c",} 1\n`],
    ["a quote that is not escaped", "not a label", `${head}a_total{b="c"d"} 1\n`],
    ["an escape that is none", "not a label", `${head}a_total{b="c\\t"} 1\n`],
    ["a value that is none", "not a value", `${head}a_total one\n`],
    ["a series twice", "there before", `${head}a_total{b="c",d="e"} 1\na_total{d="e",b="c"} 1\n`],
  ])("refuses %s, and says so: %s", (_what, message, text) => {
    expect(() => parseExposition(text)).toThrow(message);
  });
});

describe("the lint of metrics", () => {
  const complaints = (text: string) => lintMetrics(parseExposition(text));
  const buckets = 'h_seconds_bucket{le="1"} 1\nh_seconds_bucket{le="+Inf"} 2';

  it("has nothing to say about good ones", () => {
    expect(complaints(`${head}a_total{b="c"} 1\n`)).toEqual([]);
    expect(complaints(histogram(`${buckets}\nh_seconds_sum 3\nh_seconds_count 2`))).toEqual([]);
  });

  it.each([
    ["a counter without _total", "# HELP a .\n# TYPE a counter\na 1\n"],
    ["a gauge with _total", "# HELP a_total .\n# TYPE a_total gauge\na_total 1\n"],
    ["a gauge like a histogram's part", "# HELP a_count .\n# TYPE a_count gauge\na_count 1\n"],
    ["another unit", "# HELP a_ms .\n# TYPE a_ms gauge\na_ms 1\n"],
    ["a counter below zero", `${head}a_total -1\n`],
    ["a UUID as a label", `${head}a_total{b="x 0190163d-8694-739b-aea5-966c26f8ad91"} 1\n`],
    ["a process id as a label", `${head}a_total{b="${process.pid}"} 1\n`],
    ["a label for ids", `${head}a_total{worker_id="1"} 1\n`],
    ["no count", histogram(`${buckets}\nh_seconds_sum 3`)],
    ["another count than the last bucket's", histogram(`${buckets}\nh_seconds_sum 3\nh_seconds_count 3`)],
    ["no last bucket", histogram('h_seconds_bucket{le="1"} 1\nh_seconds_sum 1\nh_seconds_count 1')],
    [
      "buckets that are not cumulative",
      histogram(`h_seconds_bucket{le="0.5"} 2\n${buckets}\nh_seconds_sum 3\nh_seconds_count 2`),
    ],
    [
      "bounds that do not rise",
      histogram(`h_seconds_bucket{le="2"} 1\n${buckets}\nh_seconds_sum 3\nh_seconds_count 2`),
    ],
  ])("complains about %s", (_what, text) => {
    expect(complaints(text)).toHaveLength(1);
  });
});
