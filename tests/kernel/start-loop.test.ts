import { expect, test } from "vitest";
import { startLoop } from "../../api/kernel/start-loop.ts";
import { waitFor } from "../support/wait-for.ts";

test("a loop repeats its work, each round after the last has ended", async () => {
  let rounds = 0;
  let running = 0;
  let mostAtOnce = 0;
  const loop = startLoop(
    async () => {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      rounds += 1;
      return 0;
    },
    () => {},
  );
  await waitFor("ten rounds", () => rounds >= 10);
  await loop.stop();
  expect(mostAtOnce).toBe(1);
});

test("a round that fails is reported, and the next one comes all the same", async () => {
  const failures: unknown[] = [];
  let rounds = 0;
  const loop = startLoop(
    async () => {
      rounds += 1;
      if (rounds === 1) throw new Error("first round");
      return 60_000;
    },
    (error) => failures.push(error),
  );
  await waitFor("the second round", () => rounds === 2);
  await loop.stop();
  expect(failures).toEqual([new Error("first round")]);
});

test("stopping waits for the round in progress, cuts the rest short, and lets no other begin", async () => {
  let finish: () => void = () => {};
  let rounds = 0;
  const loop = startLoop(
    () =>
      new Promise((resolve) => {
        rounds += 1;
        finish = () => resolve(3_600_000);
      }),
    () => {},
  );
  let isStopped = false;
  const stop = async () => {
    await loop.stop();
    isStopped = true;
  };
  const stopped = stop();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  finish();
  await stopped;
  expect(rounds).toBe(1);
});

test("a failure that goes on is told once, and again after a round that went well", async () => {
  const failures: unknown[] = [];
  let rounds = 0;
  const loop = startLoop(
    async () => {
      rounds += 1;
      if (rounds !== 3) throw new Error(`round ${rounds}`);
      return 0;
    },
    (error) => failures.push(error),
  );
  // Without this, each failure would be followed by a rest.
  await waitFor("five rounds", () => {
    loop.runNow();
    return rounds >= 5;
  });
  await loop.stop();
  expect(failures).toEqual([new Error("round 1"), new Error("round 4")]);
});

test("the status tells what the last round came to", async () => {
  let isFailing = true;
  const loop = startLoop(
    async () => {
      if (isFailing) throw new Error("no luck");
      return 60_000;
    },
    () => {},
  );
  await waitFor("a failure", () => loop.status().state === "retrying");
  expect(loop.status()).toMatchObject({ lastError: "no luck" });
  expect(loop.status().failures).toBeGreaterThan(0);
  isFailing = false;
  await waitFor("a round that goes well", () => {
    loop.runNow();
    return loop.status().state === "waiting";
  });
  const { lastError, lastRunAtMs, nextRunAtMs } = loop.status();
  expect(lastError).toBeNull();
  expect(nextRunAtMs).toBeGreaterThan(lastRunAtMs ?? Infinity);
  await loop.stop();
});
