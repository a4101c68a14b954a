import { describe, expect, it } from "vitest";
import {
  entriesMax,
  filterErrors,
  groupRepeats,
  mergeErrors,
} from "../../dashboard/shared/errors/merge-errors.ts";
import { entry } from "./fixtures/busy-errors.ts";

const ids = (entries: readonly { readonly id: number }[]) => entries.map(({ id }) => id);
const page = (from: number, to: number, dropped = 0) => ({
  data: Array.from({ length: to - from + 1 }, (_, index) => entry(from + index, 1)),
  dropped,
});

describe("the error feed", () => {
  it("adds each entry once, though answers overlap", () => {
    const feed = mergeErrors(mergeErrors(undefined, page(1, 4)), page(3, 6));
    expect(ids(feed.entries)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(feed.lastId).toBe(6);
  });

  it("stays the very same when nothing is new, so that nothing is drawn again", () => {
    const feed = mergeErrors(undefined, page(1, 4));
    expect(mergeErrors(feed, { data: [], dropped: 0 })).toBe(feed);
    expect(mergeErrors(feed, page(2, 3))).toBe(feed);
  });

  it("keeps the newest and counts what it let go, here and at the server", () => {
    const feed = mergeErrors(
      mergeErrors(undefined, page(1, entriesMax, 7)),
      page(entriesMax + 1, entriesMax + 5, 2),
    );
    expect(feed.entries).toHaveLength(entriesMax);
    expect(feed.entries[0]?.id).toBe(6);
    expect(feed.dropped).toBe(7 + 2 + 5);
  });

  it("starts from nothing on a machine without errors", () => {
    expect(mergeErrors(undefined, { data: [], dropped: 0 })).toEqual({ entries: [], lastId: 0, dropped: 0 });
  });
});

describe("repeated errors", () => {
  const lost = { message: "Connection lost", error_type: "ConnectionLost" };

  it("are one line with a count, newest first", () => {
    const groups = groupRepeats([entry(1, 9), entry(2, 8, lost), entry(3, 7, lost), entry(4, 6, lost)], 5);
    expect(groups.map(({ latest, times }) => [latest.id, times])).toEqual([
      [4, 3],
      [1, 1],
    ]);
  });

  it("are told apart by level, type and route", () => {
    const entries = [
      entry(1, 9, lost),
      entry(2, 8, { ...lost, level: "fatal" }),
      entry(3, 7, { ...lost, route: "GET /v1/events" }),
    ];
    expect(groupRepeats(entries, 5)).toHaveLength(3);
  });

  it("fill no more lines than there are, but count to the end of the last one", () => {
    const entries = [entry(1, 9), entry(2, 8), entry(3, 7, lost), entry(4, 6, lost), entry(5, 5)];
    expect(groupRepeats(entries, 2).map(({ latest, times }) => [latest.id, times])).toEqual([
      [5, 1],
      [4, 2],
    ]);
  });
});

describe("a filter of errors", () => {
  const entries = [
    entry(1, 9, { level: "warn", worker: 2, message: "Slow scan" }),
    entry(2, 8, { worker: null, sqlstate: "57P01" }),
    entry(3, 7, { worker: 2, request_id: "req-ABC", stack: "at lane.ts:12" }),
  ];
  const filter = (members: object) =>
    ids(filterErrors(entries, { level: "", text: "", worker: "", ...members }));

  it.each([
    ["nothing", {}, [3, 2, 1]],
    ["a level", { level: "warn" }, [1]],
    ["a worker", { worker: "2" }, [3, 1]],
    ["the supervisor", { worker: "supervisor" }, [2]],
    ["text in any case", { text: " SLOW " }, [1]],
    ["a request id", { text: "req-abc" }, [3]],
    ["an SQLSTATE", { text: "57p01" }, [2]],
    ["a line of the stack", { text: "lane.ts" }, [3]],
    ["all of it at once", { level: "error", worker: "2", text: "entry" }, [3]],
    ["what is not there", { text: "flood" }, []],
  ])("for %s lets through what matches, newest first", (_what, members, found) => {
    expect(filter(members)).toEqual(found);
  });
});
