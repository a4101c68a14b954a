import { afterAll, beforeAll, expect, test } from "vitest";
import { overviewReply, seriesReply } from "../../api/contract/dashboard.ts";
import { salesReply } from "../../api/contract/dashboard-lists.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

let service: TestService;
let tested: TestOperations;

beforeAll(async () => {
  service = await openTestService();
  tested = await openTestOperations({ connectionString: service.database.connectionString });
});
afterAll(async () => {
  await tested.close();
  await service.close();
});

const list = (query = "") => tested.read(`/ops/v1/sales${query}`, salesReply);
/** What the metrics tell of the oldest overdue hold; null while they tell nothing. */
const readAge = async () => {
  const { text } = await tested.send("/metrics");
  return /^holdfast_overdue_hold_age_seconds (\S+)$/m.exec(text)?.[1] ?? null;
};
const marks = async () => (await tested.read("/ops/v1/series?minutes=5", seriesReply)).marks;

test("shows each event with its stock, its rate and what is overdue, newest first", async () => {
  const older = await service.createEvent({ name: "Older 100 %" });
  const newer = await service.createEvent({ name: "Newer", capacity: 3 });
  await service.hold(newer.id, "ada");
  const { id } = await service.hold(newer.id, "bob");
  await service.change(id, "confirm");
  const { data, total, has_more } = await list();
  expect({ names: data.map(({ name }) => name), total, has_more }).toEqual({
    names: ["Newer", "Older 100 %"],
    total: 2,
    has_more: false,
  });
  expect(data[0]).toMatchObject({
    available: 1,
    held: 1,
    sold: 1,
    status: "on_sale",
    paused_reason: null,
    oversold: 0,
    holds_overdue: 0,
    holds_per_second: 2 / 5,
  });
  expect(Date.parse(data[0]?.next_expiry_at ?? "")).toBeGreaterThan(Date.now());
  expect(data[1]).toMatchObject({ id: older.id, next_expiry_at: null });
});

test("counts holds past their deadline that nobody has swept", async () => {
  const event = await service.createEvent({ name: "Overdue" });
  const { id } = await service.hold(event.id, "ada");
  // While somebody else has the event's row locked, the sweeper cannot release its holds.
  const locked = await service.database.connect();
  await locked.query("begin");
  await locked.query("select 1 from events where id = $1 for update", [event.id]);
  await makeOverdue(service.database, id);
  const { data } = await list("?search=overdue");
  expect(data).toMatchObject([{ holds_overdue: 1 }]);
  await waitFor("the hold's age to rise", async () => Number(await readAge()) > 0);
  await locked.query("rollback");
  await waitFor("the sweep", async () => (await list("?search=overdue")).data[0]?.holds_overdue === 0);
  await waitFor("no overdue hold to be left", async () => (await readAge()) === "0");
});

test("finds events by a part of their name or by id, and pages through them", async () => {
  const names = async (query: string) => (await list(query)).data.map(({ name }) => name);
  expect(await names("?search=OLD")).toEqual(["Older 100 %"]);
  expect(await names(`?search=${encodeURIComponent("100 %")}`)).toEqual(["Older 100 %"]);
  expect(await names(`?search=${encodeURIComponent("%")}`)).toEqual(["Older 100 %"]);
  expect(await names("?search=_")).toEqual([]);
  const [first] = (await list("?limit=1")).data;
  expect(await names(`?search=${first?.id.toUpperCase()}`)).toEqual([first?.name]);
  const second = await list(`?limit=1&starting_after=${first?.id}`);
  expect(second.data[0]?.id).not.toBe(first?.id);
  expect(second).toMatchObject({ total: 3, has_more: true });
  expect(await tested.send("/ops/v1/sales?limit=0")).toMatchObject({ status: 422 });
});

test("pauses and resumes a sale, whose marks appear on the charts with who did it and why", async () => {
  const event = await service.createEvent({ name: "Stopped" });
  const paused = await tested.send(`/ops/v1/sales/${event.id}/pause`, { body: { reason: "Too fast" } });
  expect(paused).toMatchObject({ status: 204, text: "" });
  expect(await service.askForHold(event.id, "ada")).toMatchObject({ body: { code: "sales_paused" } });
  expect((await list("?search=stopped")).data).toMatchObject([
    { status: "paused", paused_reason: "Too fast" },
  ]);
  await waitFor("the mark", async () =>
    (await marks()).some(
      ({ kind, text }) => kind === "paused" && text === "Stopped paused by the dashboard: Too fast",
    ),
  );
  const resumed = await tested.send(`/ops/v1/sales/${event.id}/resume`, { body: {} });
  expect(resumed.status).toBe(204);
  await waitFor("sales to go on", async () => (await service.askForHold(event.id, "ada")).status === 201);
  // A pause by way of the public API is drawn, too.
  await service.send("post", `/v1/events/${event.id}/pause`, {
    as: service.keys.admin,
    body: { reason: "Elsewhere" },
  });
  await waitFor("the mark of another's pause", async () =>
    (await marks()).some(({ text }) => text.includes("Elsewhere")),
  );
  const kinds = (await marks()).map(({ kind }) => kind).filter((kind) => /paused|resumed/.test(kind));
  expect(kinds).toEqual(["paused", "resumed", "paused"]);
});

test("refuses a change that is not one, or of what is not there", async () => {
  const event = await service.createEvent();
  const path = `/ops/v1/sales/${event.id}/pause`;
  const nobody = "00000000-0000-7000-8000-000000000000";
  const cases: [path: string, body: unknown, status: number, code: string][] = [
    [path, {}, 422, "validation_failed"],
    [path, { reason: "" }, 422, "validation_failed"],
    [path, { reason: "a", status: "b" }, 422, "validation_failed"],
    [path, "{", 400, "malformed_request"],
    [`/ops/v1/sales/${event.id}/resume`, { reason: "a" }, 422, "validation_failed"],
    [`/ops/v1/sales/${nobody}/pause`, { reason: "a" }, 404, "event_not_found"],
    ["/ops/v1/sales/none/pause", { reason: "a" }, 404, "event_not_found"],
  ];
  for (const [address, body, status, code] of cases) {
    const answer = await tested.send(address, { body });
    expect({ status: answer.status, code: JSON.parse(answer.text).code }).toEqual({ status, code });
  }
  expect(await service.readEvent(event.id)).toMatchObject({ status: "on_sale", version: 1 });
});

test("the sums of all events stand in the overview", async () => {
  const events = (await list("?limit=100")).data;
  const sum = (name: "held" | "sold" | "available") =>
    events.reduce((total, event) => total + event[name], 0);
  await waitFor("the sums to be those of the events", async () => {
    const { sales } = await tested.read("/ops/v1/overview", overviewReply);
    return sales.held === sum("held") && sales.sold === sum("sold") && sales.free === sum("available");
  });
  const { sales, oversold } = await tested.read("/ops/v1/overview", overviewReply);
  expect(sales.events).toBe(events.length);
  expect(sales.events_on_sale).toBe(events.filter(({ status }) => status === "on_sale").length);
  expect(oversold).toBe(0);
});
