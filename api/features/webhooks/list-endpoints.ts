import type { Page, PageRequest } from "../../kernel/page.ts";
import type { Database } from "../../store/open-database.ts";
import { selectWebhookEndpointPage, type WebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** Reads a page of the endpoints, newest first. */
export function listEndpoints(
  { database }: { readonly database: Database },
  request: PageRequest,
): Promise<Page<WebhookEndpoint>> {
  return selectWebhookEndpointPage(database, request);
}
