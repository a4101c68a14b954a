import type { Page, PageRequest } from "../../kernel/page.ts";
import type { Database } from "../../store/open-database.ts";
import {
  type DeliveryStatus,
  selectWebhookDeliveryPage,
  type WebhookDelivery,
} from "../../store/webhook-deliveries.ts";
import { selectWebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** Reads a page of an endpoint's deliveries, newest first. @returns null when there is no such endpoint */
export async function listDeliveries(
  { database }: { readonly database: Database },
  filter: { readonly endpointId: string; readonly status: DeliveryStatus | null },
  request: PageRequest,
): Promise<Page<WebhookDelivery> | null> {
  if ((await selectWebhookEndpoint(database, filter.endpointId)) === null) return null;
  return selectWebhookDeliveryPage(database, filter, request);
}
