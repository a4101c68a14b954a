import { createHmac, timingSafeEqual } from "node:crypto";

const codeDigits = 6;
const codesCount = 10n ** BigInt(codeDigits);

/**
 * Makes the codes. A code follows from its verification's id and a secret, so it is kept nowhere and a job that runs
 * again sends the same one. What is kept to judge attempts is a digest under the same secret, for another purpose.
 */
export class VerificationCodes {
  readonly #secret: Uint8Array;

  /** @param secret at least 32 random bytes, the same for all processes */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** The code of a verification: 6 digits. */
  codeOf(verificationId: string): string {
    // Of 2^64 values some codes get one more than others, which is a difference of less than one in 10^13.
    const number = this.#digest(`code\n${verificationId}`).readBigUInt64BE(0) % codesCount;
    return String(number).padStart(codeDigits, "0");
  }

  /** What is kept of a code. */
  digestOf(verificationId: string, code: string): Buffer {
    return this.#digest(`attempt\n${verificationId}\n${code}`);
  }

  /** Whether a code is the one that such a digest was made of. Takes as long for every code. */
  matches(verification: { readonly id: string; readonly codeDigest: Buffer }, code: string): boolean {
    return timingSafeEqual(this.digestOf(verification.id, code), verification.codeDigest);
  }

  #digest(text: string): Buffer {
    return createHmac("sha256", this.#secret).update(text).digest();
  }
}
