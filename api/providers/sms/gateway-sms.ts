import { z } from "zod";
import { CircuitBreaker } from "../outside/break-circuit.ts";
import { type OutsideAnswer, OutsidePoster } from "../outside/post-outside.ts";
import { ProviderFailure, retryClassOf } from "../outside/provider-failure.ts";
import type { Sms, SmsProvider } from "./sms-provider.ts";

/** A gateway that speaks as Twilio does, and the account to send from. */
export interface GatewayAccount {
  /** Without a slash at its end. */
  readonly url: string;
  readonly account: string;
  readonly token: string;
  readonly from: string;
}

/** What is asked of the answer to a message that was taken. Gateways of this form name it as they like. */
const takenMessage = z.looseObject({
  sid: z.string().min(1).max(200),
  to: z.string().optional(),
  status: z.string().optional(),
});

const refusedMessage = z.looseObject({ code: z.int() });

/** With these a gateway says that it has not taken the message after all. */
const failedStatuses: ReadonlySet<string> = new Set(["failed", "undelivered", "canceled"]);

const answerMaxMs = 5_000;

/**
 * Delivers through an HTTP gateway in Twilio's form. It knows no keys, so a message whose answer is lost is sent once
 * more.
 */
export class GatewaySms implements SmsProvider {
  readonly #account: GatewayAccount;
  readonly #answerMaxMs: number;
  readonly #breaker: CircuitBreaker;
  // The gateway's address is the operator's own choice, and may be on their own network.
  readonly #poster = new OutsidePoster({ allowPrivate: true });

  constructor(
    account: GatewayAccount,
    limits: { readonly answerMaxMs?: number; readonly breaker?: CircuitBreaker } = {},
  ) {
    this.#account = account;
    this.#answerMaxMs = limits.answerMaxMs ?? answerMaxMs;
    this.#breaker = limits.breaker ?? new CircuitBreaker("The SMS gateway");
  }

  async send(sms: Sms, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#breaker.call(() => this.#send(sms, signal));
  }

  async close(): Promise<void> {
    this.#poster.close();
  }

  async #send({ to, text }: Sms, signal: AbortSignal): Promise<void> {
    const { url, account, token, from } = this.#account;
    const request = {
      url: `${url}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`,
      headers: {
        authorization: `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: new URLSearchParams({ To: to, From: from, Body: text }).toString(),
      timeoutMs: this.#answerMaxMs,
    };
    requireTaken(await this.#poster.post(request, signal), to);
  }
}

/** @throws ProviderFailure unless the answer says that the message was taken */
function requireTaken(answer: OutsideAnswer, to: string): void {
  const { status } = answer;
  if (status < 200 || status > 299) throw refusalOf(answer);
  const taken = takenMessage.safeParse(parseJson(answer.body));
  const isOurs = taken.success && (taken.data.to === undefined || taken.data.to === to);
  if (status === 201 && isOurs && !failedStatuses.has(taken.data.status ?? "")) return;
  // Whatever took the request, it did not answer as the gateway does: perhaps a portal on the way.
  throw new ProviderFailure(`The SMS gateway answered ${status}, but not that it has taken the message.`, {
    retry: "again",
  });
}

function refusalOf({ status, retryAfter, body }: OutsideAnswer): ProviderFailure {
  // What it says in words may name the phone, and does not belong in logs; its code is enough.
  const said = refusedMessage.safeParse(parseJson(body));
  const code = said.success ? ` and the code ${said.data.code}` : "";
  const seconds = /^\d{1,5}$/.exec(retryAfter ?? "")?.[0];
  return new ProviderFailure(`The SMS gateway answered with ${status}${code}.`, {
    retry: retryClassOf(status),
    retryAfterMs: seconds === undefined ? null : Number(seconds) * 1000,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
