import { access } from "node:fs/promises";
import { join } from "node:path";

/** The files of pages are not there. The message is one sentence for the operator. */
export class PagesMissingError extends Error {}

/**
 * @param what the dashboard or the storefront
 * @throws PagesMissingError when the folder holds no built pages
 */
export async function requirePages(what: "dashboard" | "storefront", folder: string): Promise<void> {
  try {
    await access(join(folder, "index.html"));
  } catch {
    throw new PagesMissingError(
      `The ${what} is not built in ${folder}: start with "npm start", which builds it.`,
    );
  }
}
