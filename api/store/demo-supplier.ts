import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** The books of the demo's supplier, written in transactions of their own. */
export class DemoSupplierBooks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Enters an order, unless its key is known. @returns the quantity that stands in the books under that key */
  async enter(key: string, quantity: number): Promise<number> {
    const { rows } = await sql<{ quantity: number }>`
      insert into demo_supplier_orders (key, quantity) values (${key}, ${quantity})
      on conflict (key) do update set asked_times = demo_supplier_orders.asked_times + 1
      returning quantity`.execute(this.#database);
    const [row] = rows;
    if (row === undefined) throw new Error(`The order ${key} was neither entered nor found.`);
    return row.quantity;
  }
}
