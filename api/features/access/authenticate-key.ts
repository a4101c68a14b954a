import { hash } from "node:crypto";
import { type KeyRole, selectLiveApiKey } from "../../store/api-keys.ts";
import type { Database } from "../../store/open-database.ts";
import { failureKindOf } from "../../store/sqlstate.ts";

export interface KeyIdentity {
  readonly keyId: string;
  readonly role: KeyRole;
}

interface Remembered {
  readonly identity: KeyIdentity | null;
  readonly checkedAtMs: number;
}

/** A revoked key stops working everywhere within this time, and at once in the process that revoked it. */
const trustMs = 1_000;
const rememberedMax = 10_000;

/** Tells whose key a request carries. Keys are compared by their SHA-256; the answer is trusted for a second. */
export class KeyAuthenticator {
  readonly #database: Database;
  readonly #remembered = new Map<string, Remembered>();
  readonly #checking = new Map<string, Promise<KeyIdentity | null>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns the key's identity, at once when it is remembered; null for a key that is unknown or revoked */
  identify(key: string): KeyIdentity | null | Promise<KeyIdentity | null> {
    const name = hash("sha256", key, "hex");
    const known = this.#remembered.get(name);
    if (known !== undefined && performance.now() - known.checkedAtMs < trustMs) return known.identity;
    const checking = this.#checking.get(name) ?? this.#check(name, known);
    this.#checking.set(name, checking);
    return checking;
  }

  /** Makes a revocation take effect here at once. */
  forget(keyId: string): void {
    for (const [name, { identity }] of this.#remembered) {
      if (identity?.keyId === keyId) this.#remembered.delete(name);
    }
  }

  async #check(name: string, known: Remembered | undefined): Promise<KeyIdentity | null> {
    try {
      const key = await selectLiveApiKey(this.#database, Buffer.from(name, "hex"));
      const identity = key === null ? null : { keyId: key.id, role: key.role };
      if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
      this.#remembered.set(name, { identity, checkedAtMs: performance.now() });
      return identity;
    } catch (error) {
      // While the database is away, a key that was good a moment ago lets the request on to a true answer: 503.
      if (known !== undefined && failureKindOf(error) === "unavailable") return known.identity;
      throw error;
    } finally {
      this.#checking.delete(name);
    }
  }
}
