import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPrivateAddress } from "./private-addresses.ts";
import { ProviderFailure } from "./provider-failure.ts";

/** An answer longer than this is cut off: nobody reads more of it. */
const answerBytesMax = 64 * 1024;
const connectionsPerHostMax = 32;
const idleMs = 15_000;

export interface OutsideRequest {
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For everything, from the look-up of the name to the last byte of the answer. */
  readonly timeoutMs: number;
}

/** What a server says to being looked at. */
export interface OutsideLook {
  readonly status: number;
  /** Where it redirects to, as it was sent; null when it does not say. */
  readonly location: string | null;
}

export interface OutsideAnswer {
  readonly status: number;
  /** In seconds or as a date, as it was sent; null when it was not. */
  readonly retryAfter: string | null;
  /** The beginning of it, at most 64 KiB. */
  readonly body: string;
}

/**
 * Posts to servers that are not ours. Redirects are answers like any other and are never followed, and a name is judged
 * by the address that the connection goes to, so that no answer of the name service can lead inside.
 */
export class OutsidePoster {
  readonly #allowPrivate: boolean;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  /** @param options.allowPrivate lets requests go to loopback, private and link-local addresses */
  constructor({ allowPrivate }: { readonly allowPrivate: boolean }) {
    this.#allowPrivate = allowPrivate;
    const settings = {
      keepAlive: true,
      maxSockets: connectionsPerHostMax,
      timeout: idleMs,
      ...(!allowPrivate && { lookup: lookupPublic }),
    };
    this.#http = new HttpAgent(settings);
    this.#https = new HttpsAgent(settings);
  }

  /**
   * @param signal ends the wait, which does not undo what has been sent
   * @throws ProviderFailure when there was no answer: `never` for a destination that is not allowed, `again` otherwise
   */
  async post({ url, headers, body, timeoutMs }: OutsideRequest, signal: AbortSignal): Promise<OutsideAnswer> {
    const bytes = Buffer.from(body);
    const sized = { ...headers, "content-length": String(bytes.length) };
    return this.#ask(url, { method: "POST", headers: sized, bytes }, { signal, timeoutMs }, readAnswer);
  }

  /**
   * Asks for the headers of an answer and nothing else.
   *
   * @throws ProviderFailure as `post` does
   */
  async look(
    { url, headers, timeoutMs }: Omit<OutsideRequest, "body">,
    signal: AbortSignal,
  ): Promise<OutsideLook> {
    return this.#ask(
      url,
      { method: "HEAD", headers, bytes: null },
      { signal, timeoutMs },
      async (response) => {
        response.destroy();
        return { status: response.statusCode ?? 0, location: response.headers.location ?? null };
      },
    );
  }

  /** Closes the connections that are idle. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #ask<Answer>(
    url: string,
    sent: Sent,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
    read: (response: IncomingMessage) => Promise<Answer>,
  ): Promise<Answer> {
    const target = new URL(url);
    // No name is looked up for an address, so it is judged here.
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    if (!this.#allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) throw notAllowed(host);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await this.#send(target, sent, limit, read);
    } catch (error) {
      throw asFailure(error, target.host, { signal, timeoutMs });
    }
  }

  #send<Answer>(
    target: URL,
    { method, headers, bytes }: Sent,
    signal: AbortSignal,
    read: (response: IncomingMessage) => Promise<Answer>,
  ): Promise<Answer> {
    const isHttps = target.protocol === "https:";
    const options = { method, agent: isHttps ? this.#https : this.#http, headers, signal };
    return new Promise((resolve, reject) => {
      const asked = (isHttps ? httpsRequest : httpRequest)(target, options, (response) => {
        read(response).then(resolve, reject);
      });
      asked.on("error", reject);
      asked.end(bytes ?? undefined);
    });
  }
}

interface Sent {
  readonly method: "POST" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

async function readAnswer(response: IncomingMessage): Promise<OutsideAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= answerBytesMax) break;
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"] ?? null,
    body: Buffer.concat(chunks).subarray(0, answerBytesMax).toString("utf8"),
  };
}

class PrivateDestinationError extends Error {}

function notAllowed(host: string): ProviderFailure {
  return new ProviderFailure(`${host} is not an address of the public network.`, { retry: "never" });
}

/** Looks a name up, and answers with an error unless all that it leads to is public. */
const lookupPublic: LookupFunction = (host, options: LookupOptions, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(new PrivateDestinationError(host), "", 0);
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

function asFailure(
  error: unknown,
  host: string,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof PrivateDestinationError) return notAllowed(host);
  const isAbort = error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
  if (isAbort && !signal.aborted)
    return new ProviderFailure(`${host} did not answer within ${timeoutMs} ms.`, {
      retry: "again",
      cause: error,
    });
  const reason = error instanceof Error ? error.message : String(error);
  return new ProviderFailure(`${host} could not be asked: ${reason}`, { retry: "again", cause: error });
}
