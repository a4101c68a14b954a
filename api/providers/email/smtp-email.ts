import type { Transporter } from "nodemailer";
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

/** Delivers through a mail server. */
export class SmtpEmail implements EmailProvider {
  readonly #transporter: Transporter;
  readonly #from: string;
  readonly #messageMs: number;
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

  async send({ messageId, to, subject, text, html }: Email, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#sending >= sendingMax) throw new Error("Too many messages are being sent already.");
    this.#sending += 1;
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
        signal: AbortSignal.any([signal, AbortSignal.timeout(this.#messageMs)]),
      });
    } finally {
      this.#sending -= 1;
    }
  }

  async close(): Promise<void> {
    this.#transporter.close();
  }
}
