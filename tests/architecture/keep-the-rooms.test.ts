import { describe, expect, it } from "vitest";
import { listFiles, readSources, source } from "./read-sources.ts";
import { complainAboutImports, findCircles, graphOf, roomOf } from "./room-rules.ts";

const ours = [
  "api",
  "node-cluster-autoscale",
  "clients",
  "dashboard",
  "demo",
  "migrations",
  "bench",
  "chaos",
  "scripts",
  "storefront",
  "tests",
].flatMap(readSources);
const api = ours.filter(({ path }) => path.startsWith("api/"));

describe("the rooms", () => {
  it("import only whom they may", () => {
    expect(api.length).toBeGreaterThan(50);
    expect(ours.flatMap(complainAboutImports)).toEqual([]);
  });

  it("are all there is: every file of the service is in one", () => {
    const outside = listFiles("api").filter((path) => roomOf(path) === null && path !== "api/package.json");
    expect(outside).toEqual([]);
  });

  it("have no circle among their files, types included", () => {
    expect(findCircles(graphOf(ours, (path) => path))).toEqual([]);
  });

  it("have no circle among each other", () => {
    expect(findCircles(graphOf(api, roomOf))).toEqual([]);
  });
});

describe("the rule about imports", () => {
  const complaints = (path: string, text: string) => complainAboutImports(source(path, text));

  it.each([
    ["api/contract/values.ts", 'import { makeId } from "../kernel/ids.ts";'],
    ["api/domain/event.ts", 'import type { Database } from "../store/open-database.ts";'],
    ["api/store/events.ts", 'export { operations } from "../contract/operations.ts";'],
    ["api/features/events/find-event.ts", 'import type { A } from "../access/hash-key.ts";'],
    ["api/http/reply.ts", 'import { Desk } from "../desk/desk.ts";'],
    ["api/http/reply.ts", 'import { type A, Desk } from "../desk/desk.ts";'],
    ["api/http/reply.ts", 'import { selectEvent } from "../store/events.ts";'],
    ["api/kernel/log.ts", 'type Lane = import("../desk/lane.ts").Lane;'],
    ["api/jobs/sweep.ts", 'import {\n  problems,\n} from "../contract/problems.ts";'],
    ["api/domain/event.ts", 'import express from "express";'],
    ["api/desk/lane.ts", 'import { sql } from "kysely";'],
    ["api/main.ts", 'import "../tests/support/wait-for.ts";'],
    ["migrations/0001-create-tables.ts", 'import { z } from "zod";'],
    ["bench/main.ts", 'import { selectEvent } from "../api/store/events.ts";'],
    ["api/http/reply.ts", 'import { judgeHealth } from "../operations/judge-health.ts";'],
    ["api/worker.ts", 'import { joinCluster } from "node-cluster-autoscale";'],
    ["node-cluster-autoscale/src/lead.ts", 'import { makeId } from "../../api/kernel/ids.ts";'],
    ["dashboard/shared/poll.ts", 'import { Page } from "../features/sales/page.tsx";'],
    ["dashboard/features/sales/page.tsx", 'import { Page } from "../jobs/page.tsx";'],
    ["dashboard/shared/poll.ts", 'import { overviewReply } from "../../api/contract/dashboard.ts";'],
    ["demo/main.ts", 'import { selectEvent } from "../api/store/events.ts";'],
    ["clients/typescript/client.ts", 'import { operations } from "../../api/contract/operations.ts";'],
    ["storefront/features/cart/drawer.tsx", 'import { Page } from "../catalogue/page.tsx";'],
    ["storefront/shared/money.ts", 'import { problems } from "../../api/contract/problems.ts";'],
    ["dashboard/shared/poll.ts", 'import { createClient } from "@holdfast/client";'],
    ["api/features/orders/settle-order.ts", 'import Stripe from "stripe";'],
    ["api/elsewhere/file.ts", 'import "../kernel/ids.ts";'],
  ])("refuses %s with %s", (path, text) => {
    const found = complaints(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(path);
    expect(found[0]).toMatch(/may import only: |belongs to: |in no room/);
  });

  it.each([
    ["api/http/reply.ts", 'import type { DeskOutcome } from "../desk/waiting-command.ts";'],
    ["api/http/reply.ts", 'import { type DeskOutcome } from "../desk/waiting-command.ts";'],
    ["api/features/context.ts", 'import { A } from "./access/buyer-tokens.ts";'],
    ["api/worker.ts", 'import { Desk } from "./desk/desk.ts";'],
    ["bench/main.ts", 'import { start } from "../api/store/embedded/start-embedded-postgres.ts";'],
    ["dashboard/shared/poll.ts", 'import type { Overview } from "../../api/contract/dashboard.ts";'],
    ["dashboard/app/routes.tsx", 'import { SalesPage } from "../features/sales/sales-page.tsx";'],
    ["demo/main.ts", 'import type { EventReply } from "../api/contract/events.ts";'],
    ["clients/typescript/client.ts", 'import type { operations } from "../../api/contract/operations.ts";'],
    ["storefront/shared/client.ts", 'import { createClient } from "@holdfast/client";'],
    ["storefront/app/routes.tsx", 'import { CartDrawer } from "../features/cart/drawer.tsx";'],
    ["api/domain/event.ts", '// import { makeId } from "../kernel/ids.ts";'],
  ])("allows %s with %s", (path, text) => {
    expect(complaints(path, text)).toEqual([]);
  });

  it("finds a circle and tells its way", () => {
    const files = [
      source("api/kernel/a.ts", 'import type { B } from "./b.ts";'),
      source("api/kernel/b.ts", 'import { c } from "./c.ts";'),
      source("api/kernel/c.ts", 'import { a } from "./a.ts";'),
    ];
    expect(findCircles(graphOf(files, (path) => path))).toEqual([
      "api/kernel/a.ts -> api/kernel/b.ts -> api/kernel/c.ts -> api/kernel/a.ts",
    ]);
  });
});
