import { expect, test } from "vitest";
import { checkPromql } from "./check-promql.ts";

const metrics = new Map([
  ["requests_total", new Set(["job", "route", "status_code"])],
  ["duration_bucket", new Set(["job", "route", "le"])],
  ["workers", new Set(["job", "state"])],
  ["workers_max", new Set(["job"])],
]);
const check = (query: string) => checkPromql(query, (metric) => metrics.get(metric) ?? null);

test.each([
  ["workers_max", ["job"]],
  ['rate(requests_total{status_code=~"5..", job="a"}[5m])', ["job", "route", "status_code"]],
  ["sum by (job) (rate(requests_total[1h30m])) > 14.4 * 0.001", ["job"]],
  ['sum without (state) (workers{state="ready"}) >= workers_max', ["job"]],
  ["histogram_quantile(0.99, sum by (le, job) (rate(duration_bucket[$__rate_interval])))", ["job"]],
  ["topk(5, sum by (route) (increase(requests_total[1m])))", ["route"]],
  ["count(workers) or vector(0)", []],
  ["workers_max > 1 and on () workers", ["job"]],
  ["-(1 + 2) * workers_max # a comment", ["job"]],
])("takes %s", (query, labels) => {
  expect([...check(query).labels].toSorted()).toEqual(labels);
});

test.each([
  ["sum(workers", /Expected "\)"/],
  ["sum(workers))", /Nothing may follow/],
  ["workers_mx", /no metric workers_mx/],
  ['workers{stat="ready"}', /no label stat/],
  ["workers{state=ready}", /Expected a string/],
  ['workers{state=="ready"}', /matches no label/],
  ['workers{state=~"("}', /regular expression/],
  ["rate(requests_total)", /rate needs \(range\), not \(vector\)/],
  ["rate(requests_total[5x])", /No token|Expected a duration/],
  ["median(workers)", /no function median/],
  ["sum by (rout) (workers)", /labels that are not there: rout/],
  ["sum(requests_total[5m])", /sum needs a vector/],
  ['workers{state="ready"} >= workers_max', /never match/],
  ["workers_max and workers", /never match/],
  ["workers_max > 1 and on (state) workers", /labels that are not there: state/],
  ["workers_max or 0", /needs vectors on both sides/],
  ["histogram_quantile(0.5, sum(rate(duration_bucket[5m])))", /the label le/],
  ["", /Expected a name/],
])("refuses %s", (query, reason) => {
  expect(() => check(query)).toThrow(reason);
});
