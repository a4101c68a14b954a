import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWorkload, type TestWorkload } from "./open-workload.ts";

let service: TestService;
let opened: TestWorkload;
beforeAll(async () => {
  service = await openTestService({ demo: true, demoSupplierFailureRate: 0.3 });
  const { url, dataDir, keys } = service;
  opened = await openWorkload({ url, adminKey: keys.admin, rate: 150, options: { dataDir } });
});
afterAll(async () => {
  await opened?.close();
  await service?.close();
});
describe("against a real service, the workload", () => {
  test("try", async () => {
    await waitFor("calls", () => opened.workload.acknowledged > 2500, 40_000);
    console.log(
      new Date().toISOString(),
      await opened.workload.finish(20_000),
      opened.workload.unknown,
      opened.workload.dropped,
    );
    console.log(
      [...opened.workload.tally]
        .sort()
        .map(([a, b]) => `${a}: ${b}`)
        .join("\n"),
    );
    expect(1).toBe(1);
  }, 60_000);
});
