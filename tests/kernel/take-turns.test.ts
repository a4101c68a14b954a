import { expect, test } from "vitest";
import { LineTooLongError, Turns } from "../../api/kernel/take-turns.ts";

const open = (waitMaxMs = 60_000) => new Turns({ lengthMax: 3, waitMaxMs });

test("those who need the same work one after the other, in order, and others beside them", async () => {
  const turns = open();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([
    turns.take("a", work("one")),
    turns.take("a", work("two")),
    turns.take("b", work("beside")),
  ]);
  expect(results).toEqual(["one", "two", "beside"]);
  const ofA = log.filter((line) => !line.startsWith("beside"));
  expect(ofA).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect(log.indexOf("beside begins")).toBeLessThan(log.indexOf("one ends"));
  expect(turns.size).toBe(0);
});

test("whoever fails lets the next one work", async () => {
  const turns = open();
  const failing = turns.take("a", () => Promise.reject(new Error("broken")));
  const next = turns.take("a", async () => "done");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("done");
  expect(turns.size).toBe(0);
});

test("a line that is full sends away, and takes in again when it moves", async () => {
  const turns = open();
  const gate = Promise.withResolvers<void>();
  const working = Array.from({ length: 3 }, () => turns.take("a", () => gate.promise));
  await expect(turns.take("a", async () => {})).rejects.toThrow(LineTooLongError);
  expect(await turns.take("b", async () => "else")).toBe("else");
  gate.resolve();
  await Promise.all(working);
  expect(await turns.take("a", async () => "now")).toBe("now");
});

test("whoever has waited for too long does nothing any more", async () => {
  const turns = open(-1);
  await expect(turns.take("a", async () => "done")).rejects.toThrow(LineTooLongError);
  expect(turns.size).toBe(0);
});
