import { DemoOutbox } from "./demo-outbox.ts";
import type { EmailProvider } from "./email-provider.ts";
import { SmtpEmail } from "./smtp-email.ts";

interface EmailSettings {
  /** Null: messages go to the outbox in the data directory. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly dataDir: string;
  readonly nowMs: () => number;
}

/** Opens the way that messages take. */
export async function openEmailProvider(settings: EmailSettings): Promise<EmailProvider> {
  const { smtpUrl, mailFrom, dataDir, nowMs } = settings;
  return smtpUrl === null ? new DemoOutbox(dataDir, nowMs) : SmtpEmail.open(smtpUrl, mailFrom);
}
