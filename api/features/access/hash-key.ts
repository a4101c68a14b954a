import { createHash, randomBytes } from "node:crypto";
import type { KeyRole } from "../../store/api-keys.ts";

/** The SHA-256 of a key: all that is ever kept of it. */
export function hashKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** A new key, `hf_<role>_<random>` with 192 random bits. */
export function generateKey(role: KeyRole): string {
  return `hf_${role}_${randomBytes(24).toString("base64url")}`;
}
