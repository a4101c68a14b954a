import type { Supplier, SupplierAnswer, SupplierOrder } from "./supplier.ts";

/** The books of the demo's supplier. They stand for somebody else's: no transaction of an order ever writes them. */
export interface SupplierBooks {
  /** Enters an order, unless its key is known. @returns the quantity that stands in the books under that key */
  enter(key: string, quantity: number): Promise<number>;
}

/** A supplier that has everything at once. It stands at the address `demo:`. */
export class DemoSupplier implements Supplier {
  readonly #books: SupplierBooks;

  constructor(books: SupplierBooks) {
    this.#books = books;
  }

  async place({ key, quantity }: SupplierOrder): Promise<SupplierAnswer> {
    const delivered = await this.#books.enter(key, quantity);
    return { kind: "delivered", quantity: delivered, reference: `demo-${key}` };
  }
}
