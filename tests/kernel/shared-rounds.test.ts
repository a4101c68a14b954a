import { expect, test } from "vitest";
import { SharedRounds, TooManyWaitingError } from "../../api/kernel/shared-rounds.ts";
import { waitFor } from "../support/wait-for.ts";

/** Rounds that end when the test says so. */
function openRounds(limits = { itemsMax: 3, waitingMax: 4 }) {
  const rounds: { readonly items: readonly number[]; end(error?: Error): void }[] = [];
  const shared = new SharedRounds<number, string>((items) => {
    const ended = Promise.withResolvers<string[]>();
    rounds.push({
      items,
      end: (error) => (error === undefined ? ended.resolve(items.map(String)) : ended.reject(error)),
    });
    return ended.promise;
  }, limits);
  const round = (index: number) => waitFor(`round ${index}`, () => rounds[index]);
  return { shared, rounds, round };
}

test("what arrives while a round is under way shares the next, in the order in which it came", async () => {
  const { shared, rounds, round } = openRounds();
  const asked = [1, 2, 3, 4, 5].map((item) => shared.ask(item));
  expect(rounds.map(({ items }) => items)).toEqual([[1]]);
  (await round(0)).end();
  expect(await asked[0]).toBe("1");
  expect((await round(1)).items).toEqual([2, 3, 4]);
  (await round(1)).end();
  expect(await asked[3]).toBe("4");
  (await round(2)).end();
  expect(await Promise.all(asked)).toEqual(["1", "2", "3", "4", "5"]);
});

test("a round that fails fails for those who share it, and for nobody else", async () => {
  const { shared, round } = openRounds();
  const [first, second, third] = [1, 2, 3].map((item) => shared.ask(item));
  (await round(0)).end();
  await first;
  (await round(1)).end(new Error("away"));
  await expect(second).rejects.toThrow("away");
  await expect(third).rejects.toThrow("away");
  const later = shared.ask(4);
  (await round(2)).end();
  expect(await later).toBe("4");
});

test("no more wait than is allowed", async () => {
  const { shared, round } = openRounds();
  const asked = [1, 2, 3, 4, 5].map((item) => shared.ask(item));
  await expect(shared.ask(6)).rejects.toThrow(TooManyWaitingError);
  (await round(0)).end();
  await asked[0];
  expect((await round(1)).items).toEqual([2, 3, 4]);
});

test("a round that answers too little is a failure for all", async () => {
  const shared = new SharedRounds<number, string>(async () => [], { itemsMax: 1, waitingMax: 1 });
  await expect(shared.ask(1)).rejects.toThrow("did not answer each");
});
