import { createHash } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { JOSEError } from "jose/errors";
import type { DatabaseClock } from "../../kernel/clock.ts";

const issuer = "holdfast";
const tokenSeconds = 3_600;
const rememberedMax = 50_000;

export interface BuyerToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Makes and reads the signed, short-lived tokens that let a buyer act for one user. */
export class BuyerTokens {
  readonly #secret: Uint8Array;
  readonly #clock: DatabaseClock;
  /** Verified tokens by their digest: verifying once a token is enough, and the digest is no token. */
  readonly #verified = new Map<string, { userId: string; expiresAtMs: number }>();

  constructor(secret: Uint8Array, clock: DatabaseClock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  async issue(userId: string): Promise<BuyerToken> {
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1000);
    const expiresAtSeconds = nowSeconds + tokenSeconds;
    const token = await new SignJWT()
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(issuer)
      .setSubject(userId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(expiresAtSeconds)
      .sign(this.#secret);
    return { token, expiresAtMs: expiresAtSeconds * 1000 };
  }

  /** @returns the user that the token acts for; null when it is forged, expired or not one of ours */
  async verify(token: string): Promise<string | null> {
    const digest = createHash("sha256").update(token).digest("latin1");
    const nowMs = this.#clock.nowMs();
    const known = this.#verified.get(digest);
    if (known !== undefined) return nowMs < known.expiresAtMs ? known.userId : null;
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: ["HS256"],
        issuer,
        requiredClaims: ["sub", "exp"],
        currentDate: new Date(nowMs),
      });
      if (payload.sub === undefined || payload.exp === undefined) return null;
      if (this.#verified.size >= rememberedMax) this.#verified.clear();
      this.#verified.set(digest, { userId: payload.sub, expiresAtMs: payload.exp * 1000 });
      return payload.sub;
    } catch (error) {
      if (error instanceof JOSEError) return null;
      throw error;
    }
  }
}
