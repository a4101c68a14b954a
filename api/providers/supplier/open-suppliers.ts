import { type BadLine, badLineOf, callOverBadLine } from "../outside/bad-line.ts";
import { OutsidePoster } from "../outside/post-outside.ts";
import { ProviderFailure } from "../outside/provider-failure.ts";
import { DemoSupplier, type SupplierBooks } from "./demo-supplier.ts";
import { HttpSupplier } from "./http-supplier.ts";
import type { Supplier } from "./supplier.ts";

interface SupplierSettings {
  readonly supplierBooks: SupplierBooks;
  /** The part of the calls to the demo's supplier that fail, 0 to 1. */
  readonly demoSupplierFailureRate: number;
  /** Suppliers may be on loopback, private or link-local addresses. */
  readonly allowPrivateAddresses: boolean;
}

/** Every supplier, by its URL: `demo:` is the built-in one, and all others are asked by HTTP. */
export function openSuppliers(settings: SupplierSettings): Supplier & { close(): void } {
  const { supplierBooks, demoSupplierFailureRate, allowPrivateAddresses } = settings;
  const poster = new OutsidePoster({ allowPrivate: allowPrivateAddresses });
  const remote = new HttpSupplier(poster);
  const demo = new UnreliableSupplier(new DemoSupplier(supplierBooks), badLineOf(demoSupplierFailureRate));
  return {
    place: (order, url, signal) => (url === "demo:" ? demo : remote).place(order, url, signal),
    close: () => poster.close(),
  };
}

/** A supplier at the end of a bad line. */
class UnreliableSupplier implements Supplier {
  readonly #supplier: Supplier;
  readonly #line: BadLine;

  constructor(supplier: Supplier, line: BadLine) {
    this.#supplier = supplier;
    this.#line = line;
  }

  place(...asked: Parameters<Supplier["place"]>): ReturnType<Supplier["place"]> {
    const makeError = (message: string) => new ProviderFailure(message, { retry: "again" });
    return callOverBadLine(this.#line, () => this.#supplier.place(...asked), makeError);
  }
}
