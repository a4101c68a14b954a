import { expect } from "vitest";
import type { TestDatabase } from "./open-test-database.ts";
import { readEverything } from "./read-everything.ts";

/** Does something and fails when any row of the database is another afterwards. */
export async function expectNoEffect<Result>(
  database: Pick<TestDatabase, "query">,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = await readEverything(database);
  const result = await act();
  expect(await readEverything(database)).toBe(before);
  return result;
}
