import type { IncomingMessage } from "node:http";
import { unauthorized } from "../http/caller.ts";
import { isForForeignPage } from "../http/foreign-page.ts";
import { RequestProblem } from "../http/problem-reply.ts";
import { isLoopback } from "../kernel/configuration.ts";
import type { OperationsPorts } from "./operations-ports.ts";

/** Who may call: anyone who reaches the listener, who may look, or who may change something. */
export type OperationsAccess = "anyone" | "observer" | "admin";

/** Decides who may call what. */
export class RequestGuard {
  readonly #isLoopback: boolean;
  readonly #authorize: OperationsPorts["authorize"];

  constructor({ host, authorize }: Pick<OperationsPorts, "host" | "authorize">) {
    this.#isLoopback = isLoopback(host);
    this.#authorize = authorize;
  }

  /**
   * On a loopback address nobody needs a key, so a page of a stranger must not get in through a name of its own that
   * leads here.
   *
   * @throws RequestProblem `forbidden` for a Host header that is no name of this machine's loopback
   */
  requireKnownHost({ headers: { host } }: IncomingMessage): void {
    if (!this.#isLoopback || host === undefined) return;
    const name = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(host);
    if (name !== null && isLoopback((name[1] ?? name[2] ?? "").toLowerCase())) return;
    throw new RequestProblem("forbidden", {
      detail:
        "This listener answers on localhost only. Bind HOST to another address to reach it by name, with a key.",
    });
  }

  /**
   * Lets a caller through who may make the call.
   *
   * @returns who it is, for audits
   * @throws RequestProblem `unauthorized` or `forbidden`
   */
  async requireAccess(request: IncomingMessage, access: OperationsAccess): Promise<string> {
    if (access === "admin" && isForForeignPage(request.headers)) {
      throw new RequestProblem("forbidden", {
        detail: "Changes are taken from the dashboard's own pages only.",
      });
    }
    if (access === "anyone" || this.#isLoopback) return "the dashboard";
    const role = await this.#authorize(request.headers.authorization);
    if (role === null) throw unauthorized();
    if (access === "admin" && role !== "admin") throw new RequestProblem("forbidden");
    return `the dashboard (${role} key)`;
  }
}
