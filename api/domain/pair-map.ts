/**
 * A map from pairs of texts. One map inside another: joining the two texts into one key would make and hash a new
 * text at every look, which on the busiest path is the largest part of the cost.
 */
export class PairMap<Value> {
  readonly #maps = new Map<string, Map<string, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(first: string, second: string): Value | undefined {
    return this.#maps.get(first)?.get(second);
  }

  set(first: string, second: string, value: Value): void {
    let inner = this.#maps.get(first);
    if (inner === undefined) {
      inner = new Map();
      this.#maps.set(first, inner);
    }
    const sizeBefore = inner.size;
    inner.set(second, value);
    this.#size += inner.size - sizeBefore;
  }

  delete(first: string, second: string): void {
    if (this.#maps.get(first)?.delete(second) === true) this.#size -= 1;
  }
}
