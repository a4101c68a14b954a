import type { Configuration } from "../kernel/configuration.ts";
import type { JobStatementTexts } from "../store/job-queue.ts";
import { type WorkerSettings, workerSettingsVariable } from "../worker-settings.ts";

/** What the supervisor alone knows. */
export interface WorkerPlace {
  readonly connectionString: string;
  readonly jobStatementTexts: JobStatementTexts;
  /** The public listener's port; 0 where no worker serves requests. */
  readonly port: number;
  readonly storefrontFolder: string;
  readonly node: string;
}

/** The variables that workers are started with, beside those of this process. */
export function workerEnvironment(
  configuration: Configuration,
  { connectionString, jobStatementTexts, port, storefrontFolder, node }: WorkerPlace,
): Readonly<Record<string, string>> {
  const settings: WorkerSettings = {
    node,
    port,
    storefrontFolder,
    connectionString,
    jobStatementTexts: { ...jobStatementTexts },
    role: configuration.role,
    host: configuration.host,
    demo: configuration.demo,
    logLevel: configuration.logLevel,
    trustedProxies: [...configuration.trustedProxies],
    dataDir: configuration.dataDir,
    demoPaymentFailureRate: configuration.demoPaymentFailureRate,
    stripeSecretKey: configuration.stripeSecretKey,
    stripeWebhookSecret: configuration.stripeWebhookSecret,
    paymentGraceSeconds: configuration.paymentGraceSeconds,
    smtpUrl: configuration.smtpUrl,
    mailFrom: configuration.mailFrom,
    publicUrl: configuration.publicUrl,
    publicSignup: configuration.publicSignup,
    verificationSeconds: configuration.verificationSeconds,
    verificationAttempts: configuration.verificationAttempts,
    signupsPer10Minutes: configuration.signupsPer10Minutes,
    hoardingHolds: configuration.hoardingHolds,
    hoardingSeconds: configuration.hoardingSeconds,
    smsGateway: configuration.smsGateway,
    demoSupplierFailureRate: configuration.demoSupplierFailureRate,
    allowPrivateAddresses: configuration.allowPrivateAddresses,
    admission: { requestsMax: configuration.requestsMax, connectionsMax: configuration.connectionsMax },
  };
  return { [workerSettingsVariable]: JSON.stringify(settings) };
}
