import { expect, onTestFinished, test } from "vitest";
import { hurryJobs } from "../../chaos/system/hurry-jobs.ts";
import { openTestOperations, sampleJob } from "../operations/open-test-operations.ts";
import { openTestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

test("periodic work is done again and again by its name, until that is over", async () => {
  const service = await openTestService();
  onTestFinished(() => service.close());
  const operations = await openTestOperations({ connectionString: service.database.connectionString });
  onTestFinished(() => operations.close());
  const names = ["delete-old-records", "audit-stock"];
  operations.report({ jobs: names.map((name) => sampleJob(name)) });
  const over = new AbortController();
  const place = { opsUrl: operations.url, adminKey: service.keys.admin };
  const hurrying = hurryJobs(place, names, over.signal);
  await waitFor("two rounds", () => operations.jobsRun.length >= 4);
  over.abort();
  await hurrying;
  expect(operations.jobsRun.slice(0, 4)).toEqual([...names, ...names]);
});
