import { describe, expect, test } from "vitest";
import { operations } from "../../../api/contract/operations.ts";
import { listRoutes, type RouteParts } from "../../../api/operations/route-table.ts";
import { operationsCalls } from "../../../chaos/requests/operations-calls.ts";
import { RequestPlan } from "../../../chaos/requests/plan-requests.ts";
import type { Planned } from "../../../chaos/requests/plan.ts";
import { ReplySchemas } from "../../../chaos/requests/reply-schemas.ts";

const schemas = new ReplySchemas();
const planOf = (seed: number) => new RequestPlan(seed, schemas.document);
const take = (plan: RequestPlan, count: number) =>
  Array.from({ length: count }, (_, number) => plan.at(number));

describe("the plan of a seed", () => {
  test("is the same each time, and the same for one request alone", () => {
    const whole = take(planOf(7), 1_000);
    expect(take(planOf(7), 1_000)).toEqual(whole);
    expect(planOf(7).at(777)).toEqual(whole[777]);
  });

  test("is another for another seed", () => {
    expect(take(planOf(7), 100)).not.toEqual(take(planOf(8), 100));
  });

  const planned = take(planOf(1), 5_000);
  const requests = planned.flatMap((each) => (each.kind === "request" ? [each] : []));

  test("has every call of both listeners", () => {
    const named = new Set<string>(requests.map(({ target }) => (target.kind === "stray" ? "" : target.name)));
    expect(
      [...Object.keys(operations), ...Object.keys(operationsCalls)].filter((name) => !named.has(name)),
    ).toEqual([]);
  });

  test.each<[string, (each: Planned) => boolean]>([
    ["valid bodies", (each) => allows(each) === true],
    ["bodies that the contract does not allow", (each) => allows(each) === false],
    ["credentials that must be refused", (each) => each.kind === "request" && each.credential.kind === "bad"],
    ["requests that are sent again", (each) => each.kind === "request" && each.again !== "no"],
    ["bytes that are no request", (each) => each.kind === "bytes"],
    [
      "both lengths at once",
      (each) => each.kind === "bytes" && /Content-Length:[^]*Transfer-Encoding:/.test(each.bytes),
    ],
    ["the member __proto__", (each) => each.kind === "request" && /"__proto__"/.test(each.body ?? "")],
    ["a NUL", (each) => each.kind === "request" && /\\u0000/.test(each.body ?? "")],
    ["a lone surrogate", (each) => each.kind === "request" && /\\ud800/.test(each.body ?? "")],
    ["a path that cannot be read", (each) => each.kind === "request" && each.path.includes("%E0%A4%A")],
    ["a body that is too large", (each) => each.kind === "request" && (each.body?.length ?? 0) > 16_384],
  ])("has %s", (_what, has) => {
    expect(planned.filter(has).length).toBeGreaterThan(0);
  });
});

test("every call of the operations listener is known, and no other", () => {
  const parts = { ports: { outboxes: { isDemo: true } } } as unknown as RouteParts;
  const routes = listRoutes(parts).map(({ method, path }) => `${method} ${path}`);
  const health = ["GET /livez", "GET /readyz"];
  const known = Object.values(operationsCalls).map(({ method, path }) => `${method} ${path}`);
  expect([...known, ...health].sort()).toEqual(routes.sort());
});

/** Null where there is nothing to judge. */
function allows(planned: Planned): boolean | null {
  if (planned.kind === "bytes" || planned.target.kind !== "operation" || planned.body === null) return null;
  const check = schemas.bodyOf(planned.target.name);
  if (check === null) return null;
  try {
    return check(JSON.parse(planned.body)) === null;
  } catch {
    return null;
  }
}
