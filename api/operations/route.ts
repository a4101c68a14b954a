import type { Reply } from "../http/reply.ts";
import type { OperationsAccess } from "./guard-requests.ts";

/** A request of a caller who may make it. */
export interface OperationsRequest {
  readonly requestId: string;
  readonly query: Readonly<Record<string, string>>;
  /** Who asks, for audits. */
  readonly actor: string;
  /** Reads the JSON body. @throws RequestProblem when there is none that can be read */
  readBody(): Promise<unknown>;
  /** The value of a parameter in the path. */
  param(name: string): string;
}

/** One call of the operations listener. */
export interface Route {
  /** A GET is a HEAD, too. */
  readonly method: "GET" | "POST";
  /** With parameters such as {event_id}. */
  readonly path: string;
  readonly access: OperationsAccess;
  readonly serve: (request: OperationsRequest) => Reply | Promise<Reply>;
}

/** A call that only looks. */
export function readRoute(path: string, serve: Route["serve"]): Route {
  return { method: "GET", path, access: "observer", serve };
}

/** A call that changes something. */
export function changeRoute(path: string, serve: Route["serve"]): Route {
  return { method: "POST", path, access: "admin", serve };
}

/** A route with the parameters that a path has for it. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Prepares the search for the routes that a path may mean, whatever the method. */
export function createRouter(routes: readonly Route[]): (path: string) => RouteMatch[] {
  const patterns = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]{1,200})")}$`),
  }));
  return (path) =>
    patterns.flatMap(({ route, pattern }) => {
      const found = pattern.exec(path);
      return found === null ? [] : [{ route, params: { ...found.groups } }];
    });
}
