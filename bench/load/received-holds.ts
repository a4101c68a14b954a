import type { ReceivedHolds } from "./load-plan.ts";

export const idLength = 36;
const countMax = 50_000_000;

/** Collects the holds that were answered with 201 in growing columns: 42 bytes for each. */
export class ReceivedHoldsCollector {
  #count = 0;
  #ids = Buffer.alloc(65_536 * idLength);
  #userNumbers = new Uint32Array(65_536);
  #eventIndexes = new Uint16Array(65_536);

  /** @param idStart where the 36 characters of the id start in `source` */
  add(source: Buffer, idStart: number, userNumber: number, eventIndex: number): void {
    if (this.#count === this.#userNumbers.length) this.#grow();
    source.copy(this.#ids, this.#count * idLength, idStart, idStart + idLength);
    this.#userNumbers[this.#count] = userNumber;
    this.#eventIndexes[this.#count] = eventIndex;
    this.#count += 1;
  }

  toColumns(): ReceivedHolds {
    return {
      count: this.#count,
      ids: this.#ids.subarray(0, this.#count * idLength),
      userNumbers: this.#userNumbers.subarray(0, this.#count),
      eventIndexes: this.#eventIndexes.subarray(0, this.#count),
    };
  }

  #grow(): void {
    const size = this.#userNumbers.length * 2;
    if (size > countMax)
      throw new Error(`More than ${countMax / 2} holds in one measurement; measure for fewer seconds.`);
    const { ids, userNumbers, eventIndexes } = this.toColumns();
    this.#ids = Buffer.alloc(size * idLength);
    this.#ids.set(ids);
    this.#userNumbers = new Uint32Array(size);
    this.#userNumbers.set(userNumbers);
    this.#eventIndexes = new Uint16Array(size);
    this.#eventIndexes.set(eventIndexes);
  }
}
