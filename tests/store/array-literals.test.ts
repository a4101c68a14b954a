import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { instantArray, instantList, plainArray, textArray } from "../../api/store/array-literals.ts";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let connection: DeskConnection;

beforeAll(async () => {
  database = await openTestDatabase();
  connection = await DeskConnection.open(database.connectionString, "test");
});
afterAll(async () => {
  await connection.close();
  await database.close();
});

/** Sends a literal to the server as an array of the type and reads back its elements. */
async function roundTrip(type: string, literal: string): Promise<unknown[]> {
  const text = `select element from unnest($1::${type}[]) with ordinality as sent (element, place) order by place`;
  const rows = await connection.run<{ element: unknown }>({
    name: `round trip ${type}`,
    text,
    values: [literal],
  });
  return rows.map(({ element }) => element);
}

const nasty = [
  "",
  " ",
  "NULL",
  "null",
  "{}",
  "{",
  "}",
  ",",
  '"',
  '""',
  "\\",
  '\\"',
  "\\\\",
  "'",
  "''",
  "a,b",
  "{a}",
  '{"a"}',
  "\\N",
  "\n",
  "\t",
  "\r\n",
  "%s",
  "$1",
  "--",
  "/*",
  "🎫",
  "é",
  "\u200e",
  "\ufeff",
  "a\\",
  '"\\',
  "\\u0000",
  "\u0001",
];

test("texts arrive as they were, whatever is in them", async () => {
  expect(await roundTrip("text", textArray([...nasty, null]))).toEqual([...nasty, null]);
  const everyCharacter = Array.from({ length: 0x2ff }, (_, index) => String.fromCodePoint(index + 1));
  expect(await roundTrip("text", textArray(everyCharacter))).toEqual(everyCharacter);
  expect(await roundTrip("text", textArray([]))).toEqual([]);
});

test("any list of texts that PostgreSQL can hold arrives as it was", async () => {
  const text = fc
    .string({ unit: "binary", maxLength: 30 })
    .filter((value) => value.isWellFormed() && !value.includes("\0"));
  const mixed = fc.string({ unit: fc.constantFrom('"', "\\", ",", "{", "}", "N", " ", "a"), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.oneof(text, mixed)), { maxLength: 20 }), async (values) => {
      expect(await roundTrip("text", textArray(values))).toEqual(values);
    }),
    { numRuns: 300 },
  );
});

test("numbers and instants arrive as they were", async () => {
  expect(await roundTrip("int", plainArray([0, 1, -1, 2 ** 31 - 1]))).toEqual([0, 1, -1, 2 ** 31 - 1]);
  expect(await roundTrip("bigint", plainArray([1_000_000_000_000]))).toEqual([1_000_000_000_000]);
  const instants = [
    0,
    1,
    999,
    Date.parse("2030-01-31T18:00:00.123Z"),
    Date.parse("9999-12-31T23:59:59.999Z"),
    null,
  ];
  expect(await roundTrip("timestamptz", instantArray(instants))).toEqual(instants);
});

test("an array of arrays of instants is carried as texts", async () => {
  const lists = [[], [5], [1, 2, 3]];
  const text =
    "select list::timestamptz[] as list from unnest($1::text[]) with ordinality as sent (list, place) order by place";
  const rows = await connection.run<{ list: unknown }>({
    name: "lists",
    text,
    values: [textArray(lists.map(instantList))],
  });
  expect(rows.map(({ list }) => list)).toEqual([null, [5], [1, 2, 3]]);
});
