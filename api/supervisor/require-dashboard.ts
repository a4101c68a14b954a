import { access } from "node:fs/promises";
import { join } from "node:path";

/** The dashboard's files are not there. The message is one sentence for the operator. */
export class DashboardMissingError extends Error {}

/** @throws DashboardMissingError when the folder holds no built dashboard */
export async function requireDashboard(folder: string): Promise<void> {
  try {
    await access(join(folder, "index.html"));
  } catch {
    throw new DashboardMissingError(
      `The dashboard is not built in ${folder}: start with "npm start", which builds it.`,
    );
  }
}
