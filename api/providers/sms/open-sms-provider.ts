import { DemoSmsOutbox } from "./demo-sms-outbox.ts";
import type { GatewayAccount } from "./gateway-sms.ts";
import type { SmsProvider } from "./sms-provider.ts";

interface SmsSettings {
  /** Null: messages go to the outbox in the data directory. */
  readonly smsGateway: GatewayAccount | null;
  readonly dataDir: string;
  readonly nowMs: () => number;
}

/** Opens the way that text messages take. */
export async function openSmsProvider({ smsGateway, dataDir, nowMs }: SmsSettings): Promise<SmsProvider> {
  if (smsGateway === null) return new DemoSmsOutbox(dataDir, nowMs);
  // Its parts take memory that only who uses them has to pay for.
  const { GatewaySms } = await import("./gateway-sms.ts");
  return new GatewaySms(smsGateway);
}
