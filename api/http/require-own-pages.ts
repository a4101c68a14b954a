import type { IncomingMessage } from "node:http";
import { RequestProblem } from "./problem-reply.ts";

/**
 * Refuses a change that a browser sends for a page of somebody else. Programs, which are no browsers, need not say where
 * they come from.
 *
 * @param request Express knows its `host` behind a trusted proxy too; without Express it is the header Host
 * @throws RequestProblem `forbidden`
 */
export function requireOwnPages(request: IncomingMessage & { readonly host?: string | undefined }): void {
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin === undefined && site === undefined) return;
  // No page can set this header, and a browser that sends it knows better than we do behind a proxy that changes Host.
  if (site === "same-origin" || site === "none") return;
  const host = request.host ?? request.headers.host;
  if (site === undefined && origin !== undefined && hostOf(origin) === host?.toLowerCase()) return;
  throw new RequestProblem("forbidden", { detail: "Changes are taken from this service's own pages only." });
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
