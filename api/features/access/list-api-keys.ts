import type { Page, PageRequest } from "../../kernel/page.ts";
import { type ApiKey, selectApiKeyPage } from "../../store/api-keys.ts";
import type { Database } from "../../store/open-database.ts";

/** Reads a page of the live API keys, newest first. */
export function listApiKeys(
  { database }: { database: Database },
  request: PageRequest,
): Promise<Page<ApiKey>> {
  return selectApiKeyPage(database, request);
}
