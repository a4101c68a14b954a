import pg from "pg";

const { builtins } = pg.types;
const timestamptzArray = 1185;

/**
 * How column values become JavaScript values on every connection of the service:
 * instants as milliseconds since 1970, and 64-bit integers as numbers, since no counter here passes 2^53.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (format !== "binary") {
      if (oid === builtins.TIMESTAMPTZ) return readInstant;
      if (oid === builtins.INT8) return Number;
      if (oid === timestamptzArray) return readInstantArray;
    }
    return pg.types.getTypeParser(oid, format ?? "text");
  },
} as pg.CustomTypesConfig;

function readInstant(text: string): number {
  const date: unknown = pg.types.getTypeParser(builtins.TIMESTAMPTZ, "text")(text);
  if (!(date instanceof Date)) throw new Error(`The database sent an instant that is no date: ${text}`);
  return date.getTime();
}

function readInstantArray(text: string): number[] {
  const items = text.slice(1, -1);
  return items === "" ? [] : items.split(",").map((item) => readInstant(item.replaceAll('"', "")));
}
