import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Operation, operations } from "../../../api/contract/operations.ts";
import { recogniseArrival } from "../../../api/http/admission/request-worth.ts";

const calls = Object.values(operations) as Operation[];

test.each(calls.map((call) => [call.method.toUpperCase(), call.path]))(
  "%s %s is recognised",
  (method, path) => {
    const target = `${path.replaceAll(/\{\w+\}/g, () => randomUUID())}?limit=5`;
    const arrival = recogniseArrival(method, target);
    expect(arrival).toMatchObject({ method, route: path });
    expect(["begins", "finishes"]).toContain(arrival.worth);
    // One that is known is the same one each time, so that series can be kept by it.
    expect(recogniseArrival(method, target)).toBe(arrival);
  },
);

test("probes are told apart, and whatever is not known is one thing, whatever its client calls it", () => {
  expect(recogniseArrival("GET", "/livez")).toMatchObject({ worth: "probes" });
  expect(recogniseArrival("HEAD", "/readyz?x=1")).toMatchObject({ worth: "probes" });
  const unknown = recogniseArrival("GET", "/shop/events");
  expect(unknown).toMatchObject({ worth: "begins", route: "unmatched" });
  expect(recogniseArrival("BREW", `/${randomUUID()}`)).toBe(unknown);
  expect(recogniseArrival("POST", "/livez")).toBe(unknown);
});
