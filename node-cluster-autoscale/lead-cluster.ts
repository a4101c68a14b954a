import type { BeginLeading } from "./worker-link.ts";

/** What this worker does while it leads. */
export class Lead {
  readonly #begins: BeginLeading[] = [];
  readonly #onTrouble: (message: string, error: unknown) => void;
  #stops: (() => Promise<void> | void)[] = [];
  #isLeading = false;

  constructor(onTrouble: (message: string, error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  add(begin: BeginLeading): void {
    this.#begins.push(begin);
    if (this.#isLeading) this.#run(begin);
  }

  begin(): void {
    if (this.#isLeading) return;
    this.#isLeading = true;
    for (const begin of this.#begins) this.#run(begin);
  }

  /** @returns whether this worker led; when it resolves, everything that was begun has been stopped */
  async end(): Promise<boolean> {
    const wasLeading = this.#isLeading;
    const stops = this.#stops;
    this.#isLeading = false;
    this.#stops = [];
    await Promise.all(
      stops.map(async (stop) => {
        try {
          await stop();
        } catch (error) {
          this.#onTrouble("What only the leader does could not be stopped.", error);
        }
      }),
    );
    return wasLeading;
  }

  #run(begin: BeginLeading): void {
    try {
      this.#stops.push(begin());
    } catch (error) {
      this.#onTrouble("What only the leader does could not be begun.", error);
    }
  }
}
