import type { IncomingMessage } from "node:http";
import type { Access } from "../contract/operations.ts";
import type { Requester } from "../domain/commands.ts";
import type { KeyAuthenticator, KeyIdentity } from "../features/access/authenticate-key.ts";
import type { BuyerTokens } from "../features/access/buyer-tokens.ts";
import { RequestProblem } from "./problem-reply.ts";

/** Who sends a request. `name` tells callers apart in idempotency records and audits. */
export type Caller =
  | {
      readonly kind: "key";
      readonly name: string;
      readonly keyId: string;
      readonly role: "admin" | "service" | "observer";
    }
  | { readonly kind: "buyer"; readonly name: string; readonly userId: string }
  | { readonly kind: "anonymous"; readonly name: "anonymous" };

const anonymous: Caller = { kind: "anonymous", name: "anonymous" };

/**
 * Tells who sends a request.
 *
 * @throws RequestProblem `unauthorized` for a credential that is not valid, whatever is wrong with it
 */
export function identifyCaller(
  request: IncomingMessage,
  access: { readonly keys: KeyAuthenticator; readonly buyerTokens: BuyerTokens },
): Caller | Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization === undefined) return anonymous;
  const credential = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1];
  if (credential === undefined) throw unauthorized();
  if (!credential.startsWith("hf_")) return access.buyerTokens.verify(credential).then(buyerOrRefuse);
  const identity = access.keys.identify(credential);
  return identity instanceof Promise ? identity.then(keyOrRefuse) : keyOrRefuse(identity);
}

/** @throws RequestProblem when the caller's role does not allow the call */
export function requireAccess(
  caller: Caller,
  allowed: readonly Access[],
  { publicSignup }: { readonly publicSignup: boolean },
): void {
  if (allowed.includes("anyone")) return;
  if (caller.kind !== "key" && publicSignup && allowed.includes("signup")) return;
  if (caller.kind === "anonymous") throw unauthorized();
  if (!allowed.includes(caller.kind === "buyer" ? "buyer" : caller.role))
    throw new RequestProblem("forbidden");
}

/** The caller as one who asks for a change of a reservation: every key stands for the shop. */
export function requesterOf(caller: Caller): Requester {
  return caller.kind === "buyer" ? { role: "buyer", userId: caller.userId } : { role: "service" };
}

function keyOrRefuse(identity: KeyIdentity | null): Caller {
  if (identity === null) throw unauthorized();
  return { kind: "key", name: `key ${identity.keyId}`, ...identity };
}

function buyerOrRefuse(userId: string | null): Caller {
  if (userId === null) throw unauthorized();
  return { kind: "buyer", name: `buyer ${userId}`, userId };
}

export function unauthorized(): RequestProblem {
  return new RequestProblem("unauthorized", { headers: ["WWW-Authenticate", 'Bearer realm="holdfast"'] });
}
