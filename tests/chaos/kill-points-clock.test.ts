import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type OpenPointController,
  openPointController,
} from "../../chaos/kill-points/open-point-controller.ts";
import { openTestDatabase } from "../support/open-test-database.ts";
import { openPointedService } from "../support/open-pointed-service.ts";

const tenMinutesMs = 600_000;
const nearMs = 30_000;

let points: OpenPointController;

beforeEach(async () => {
  points = await openPointController();
});
afterEach(() => points.close());

/** Runs a program under the test build. @returns what it prints, as JSON */
async function run(program: string): Promise<unknown> {
  const environment = { ...process.env, ...points.environment };
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", program], { env: environment });
  return JSON.parse(stdout);
}

const tellClock = `const timer = performance.now();
  setTimeout(() => console.log(JSON.stringify({
    now: Date.now() - (performance.timeOrigin + performance.now()),
    made: new Date().getTime() - Date.now(),
    called: typeof Date(),
    given: new Date(0).toISOString(),
    parsed: new Date("2026-01-02T03:04:05Z").getTime() === Date.UTC(2026, 0, 2, 3, 4, 5),
    isOne: new Date() instanceof Date && new Date().constructor === Date,
    timer: performance.now() - timer,
  })), 20);`;

test.each([tenMinutesMs, -tenMinutesMs, 0])(
  "a process that starts sees a clock that is %i ms wrong",
  async (offsetMs) => {
    points.controller.setClockOffset(offsetMs);
    const told = (await run(tellClock)) as { now: number; made: number; timer: number };
    expect(Math.abs(told.now - offsetMs)).toBeLessThan(nearMs);
    expect(told.made).toBeLessThan(nearMs);
    // The monotonic clock is right.
    expect(told.timer).toBeLessThan(nearMs);
    expect(told).toMatchObject({
      called: "string",
      given: "1970-01-01T00:00:00.000Z",
      parsed: true,
      isOne: true,
    });
  },
);

/** Ids begin with the wall clock of the process that made them. */
function clockIn(id: string): number {
  return Number.parseInt(id.replace("-", "").slice(0, 12), 16);
}

test(
  "a running service sees it too, and its holds go by the database's clock",
  { timeout: 150_000 },
  async () => {
    const database = await openTestDatabase();
    const service = await openPointedService(database);
    try {
      for (const offsetMs of [tenMinutesMs, -tenMinutesMs, 0]) {
        service.points.controller.setClockOffset(offsetMs);
        // Who answers this has heard of it.
        await service.points.controller.seen();
        const eventId = await service.createEvent();
        expect(Math.abs(clockIn(eventId) - Date.now() - offsetMs)).toBeLessThan(nearMs);
        const body = { user_id: "somebody" };
        const held = await service.ask("POST", `/v1/events/${eventId}/reservations`, body);
        expect(held).toMatchObject({ status: 201 });
        const rows = await service.query(
          `select created_at between clock_timestamp() - interval '30 s' and clock_timestamp() as is_right
         from reservations where event_id = $1`,
          [eventId],
        );
        expect(rows).toEqual([{ is_right: true }]);
      }
    } finally {
      await service.close();
      await database.close();
    }
  },
);
