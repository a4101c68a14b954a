import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmailProvider } from "./providers/email/open-email-provider.ts";
import { OutsidePoster } from "./providers/outside/post-outside.ts";
import { openSmsProvider } from "./providers/sms/open-sms-provider.ts";
import { openSuppliers } from "./providers/supplier/open-suppliers.ts";
import { DemoSupplierBooks } from "./store/demo-supplier.ts";
import type { Database } from "./store/open-database.ts";
import type { WorkerSettings } from "./worker-settings.ts";

/** How this shop takes money and tells its buyers. */
export type ShopSettings = Pick<
  WorkerSettings,
  | "dataDir"
  | "demoPaymentFailureRate"
  | "stripeSecretKey"
  | "stripeWebhookSecret"
  | "paymentGraceSeconds"
  | "smtpUrl"
  | "mailFrom"
  | "publicUrl"
  | "publicSignup"
  | "verificationSeconds"
  | "verificationAttempts"
  | "smsGateway"
  | "demoSupplierFailureRate"
  | "allowPrivateAddresses"
>;

/** For services that are started without settings: no money but play money, and receipts to a file. */
export const shopDefaults: ShopSettings = {
  dataDir: join(tmpdir(), "holdfast"),
  demoPaymentFailureRate: 0,
  stripeSecretKey: null,
  stripeWebhookSecret: null,
  paymentGraceSeconds: 60,
  smtpUrl: null,
  mailFrom: "Holdfast <tickets@localhost>",
  publicUrl: null,
  publicSignup: false,
  verificationSeconds: 120,
  verificationAttempts: 3,
  smsGateway: null,
  demoSupplierFailureRate: 0,
  allowPrivateAddresses: false,
};

/** The ways that jobs take to the outside world. Each is opened by whoever does jobs, and by nobody else. */
export function listWaysOut(
  shop: ShopSettings,
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
) {
  return {
    openEmail: () => openEmailProvider({ ...shop, nowMs }),
    openSms: () => openSmsProvider({ ...shop, nowMs }),
    openSupplier: () => openSuppliers({ ...shop, supplierBooks: new DemoSupplierBooks(database) }),
    openWebhookPoster: () => new OutsidePoster({ allowPrivate: shop.allowPrivateAddresses }),
    publicUrl: shop.publicUrl,
  };
}
