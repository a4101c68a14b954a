import { openEmailProvider } from "./providers/email/open-email-provider.ts";
import { OutsidePoster } from "./providers/outside/post-outside.ts";
import { openSmsProvider } from "./providers/sms/open-sms-provider.ts";
import { openSuppliers } from "./providers/supplier/open-suppliers.ts";
import { DemoSupplierBooks } from "./store/demo-supplier.ts";
import type { Database } from "./store/open-database.ts";
import type { ShopSettings } from "./worker-settings.ts";

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
