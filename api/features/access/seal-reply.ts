import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a reply that carries a secret before it is kept for replays. The key is made of what only the client
 * has, its credentials and its idempotency key, so the database alone cannot reveal the reply.
 */
export function sealReply(body: string, clientSecret: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(clientSecret), nonce);
  const sealed = Buffer.concat([cipher.update(body, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Undoes `sealReply` for the same client. @throws when the secret is another or the text was altered */
export function openReply(sealed: string, clientSecret: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(algorithm, keyOf(clientSecret), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const opened = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
  return opened.toString("utf8");
}

function keyOf(clientSecret: string): Buffer {
  return createHash("sha256").update("holdfast sealed reply\n").update(clientSecret).digest();
}
