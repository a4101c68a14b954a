import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";

const secretBytes = 24;

/** A new secret for signing, in the form that Standard Webhooks gives it. */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString("base64")}`;
}

/**
 * The headers that let a receiver know the message, whoever sent it, and when (Standard Webhooks).
 *
 * @param secrets those that are valid now; each of them signs
 * @param atMs when this try is made
 */
export function signMessage(
  { id, payload }: { readonly id: string; readonly payload: string },
  secrets: readonly string[],
  atMs: number,
): Readonly<Record<string, string>> {
  const at = new Date(atMs);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(atMs / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, payload)).join(" "),
  };
}
