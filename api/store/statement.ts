import type { QueryResultRow } from "pg";

/**
 * One named statement, prepared once on each connection. The name must belong to one text only.
 * `Row` is the shape of what comes back; the columns are those of the schema, so it is not parsed again.
 */
export interface Statement<Row extends QueryResultRow = QueryResultRow> {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  /** Exists in types only. */
  readonly row?: Row;
}
