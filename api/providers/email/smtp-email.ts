import type { Transporter } from "nodemailer";
import { CircuitBreaker } from "../outside/break-circuit.ts";
import { ProviderFailure, type RetryClass } from "../outside/provider-failure.ts";
import type { Email, EmailProvider } from "./email-provider.ts";

/** Messages of a sale come in their thousands; a mail server wants few connections, each used for many. */
const connectionsMax = 4;
const messagesPerConnectionMax = 100;
/** More messages than that at once are refused; whoever sends them comes again. */
const sendingMax = 200;

export interface SmtpLimits {
  /** Until there is a connection, and until the server greets. */
  readonly connectMs: number;
  /** Until the server says the next thing. */
  readonly silenceMs: number;
  /** For one message in all, waiting for a free connection included. */
  readonly messageMs: number;
}

const defaultLimits: SmtpLimits = { connectMs: 5_000, silenceMs: 15_000, messageMs: 30_000 };

/** "Insufficient storage" is to be taken for a passing trouble (RFC 5321, 4.5.3.1.10). */
const passingStatus = 552;

/** Delivers through a mail server. One that has failed several times in a row is left alone for a moment. */
export class SmtpEmail implements EmailProvider {
  readonly #transporter: Transporter;
  readonly #from: string;
  readonly #messageMs: number;
  readonly #breaker = new CircuitBreaker("The mail server");
  #sending = 0;

  constructor(transporter: Transporter, from: string, messageMs: number) {
    this.#transporter = transporter;
    this.#from = from;
    this.#messageMs = messageMs;
  }

  /**
   * Loads the client. Nothing is connected before the first message.
   *
   * @param url `smtp://` (STARTTLS where the server offers it) or `smtps://`, with user and password if needed
   * @param from an address, or `Name <address>`
   */
  static async open(url: string, from: string, limits: SmtpLimits = defaultLimits): Promise<SmtpEmail> {
    const { createTransport } = await import("nodemailer");
    const transporter = createTransport({
      url,
      pool: true,
      maxConnections: connectionsMax,
      maxMessages: messagesPerConnectionMax,
      // Whether to send again is decided where it is known what was sent.
      maxRequeues: 0,
      dnsTimeout: limits.connectMs,
      connectionTimeout: limits.connectMs,
      greetingTimeout: limits.connectMs,
      socketTimeout: limits.silenceMs,
    });
    return new SmtpEmail(transporter, from, limits.messageMs);
  }

  /** @throws ProviderFailure: `never` when the server will not have this message or its recipient, `again` otherwise */
  async send(email: Email, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#sending >= sendingMax)
      throw new ProviderFailure("Too many messages are being sent already.", { retry: "again" });
    this.#sending += 1;
    try {
      await this.#breaker.call(() => this.#hand(email, signal));
    } finally {
      this.#sending -= 1;
    }
  }

  async close(): Promise<void> {
    this.#transporter.close();
  }

  async #hand({ messageId, to, subject, text, html }: Email, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#messageMs);
    try {
      await this.#transporter.sendMail({
        from: this.#from,
        to: { name: "", address: to },
        subject,
        text,
        html,
        messageId: `<${messageId}>`,
        // Nobody's holiday notice needs to answer a receipt.
        headers: { "Auto-Submitted": "auto-generated" },
        // Text of a message never names a file or an address to be fetched.
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      const reason = limit.aborted
        ? `No answer within ${this.#messageMs} ms.`
        : error instanceof Error
          ? error.message
          : String(error);
      throw new ProviderFailure(`The mail server did not take the message: ${reason}`, {
        retry: retryClassOf(error),
        cause: error,
      });
    }
  }
}

/** What the mail client adds to its errors. */
interface SmtpError {
  readonly code?: unknown;
  /** What the server was told when it refused. */
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

/**
 * Only a final refusal of this recipient or this message is final. One of us, such as of our password or our sender,
 * is for the operator to mend, and what could not be sent until then is sent afterwards.
 */
function retryClassOf(error: unknown): RetryClass {
  if (!(error instanceof Error)) return "again";
  const { code, command, responseCode } = error as SmtpError;
  // What the client does not even ask the server about, such as an address that is none.
  if (code === "EENVELOPE" && responseCode === undefined) return "never";
  const isAboutMessage = command === "RCPT TO" || command === "DATA";
  const isFinal = typeof responseCode === "number" && responseCode >= 500 && responseCode < 600;
  return isAboutMessage && isFinal && responseCode !== passingStatus ? "never" : "again";
}
