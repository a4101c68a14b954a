import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as sendRequest, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeServer } from "../../../api/http/close-server.ts";
import { createApp } from "../../../api/http/create-app.ts";
import { type ArrivalLimits, listen, urlOf } from "../../../api/http/listen.ts";
import { ownContentOnly, PageFiles } from "../../../api/http/page-files.ts";
import type { RouteParts } from "../../../api/operations/route-table.ts";
import { listRoutes } from "../../../api/operations/route-table.ts";
import { openTestOperations } from "../../operations/open-test-operations.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";

/** A route as a client asks for it. */
export interface KnownRoute {
  readonly method: string;
  readonly path: string;
}

export interface Listeners {
  readonly service: TestService;
  /** Behind the public listener. */
  readonly publicServer: Server;
  readonly publicUrl: string;
  readonly opsUrl: string;
  /** Every route that the public listener has, whatever installed it. */
  readonly publicRoutes: readonly KnownRoute[];
  /** Every call of the operations listener. Its pages are all other paths. */
  readonly opsRoutes: readonly KnownRoute[];
  close(): Promise<void>;
}

const anyId = "0198c0de-0000-7000-8000-000000000001";

/** Starts both listeners on one database, the public one with a small storefront. 127.0.0.1 is a proxy if `isProxied`. */
export async function openListeners(
  options: {
    readonly isProxied?: boolean;
    readonly limits?: Partial<ArrivalLimits>;
    /** Of the storefront's file /assets/large.bin. */
    readonly largeFileBytes?: number;
  } = {},
): Promise<Listeners> {
  const { isProxied = false, limits = {} } = options;
  const trustedProxies = isProxied ? ["127.0.0.0/8"] : [];
  const service = await openTestService({ demo: true, publicSignup: true, trustedProxies });
  const folder = await mkdtemp(join(tmpdir(), "holdfast-test-storefront-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Tickets</title>");
  await writeFile(join(folder, "assets/large.bin"), Buffer.alloc(options.largeFileBytes ?? 10));
  const app = createApp(service.services, new PageFiles(folder, ownContentOnly));
  const server = await listen(
    app,
    { host: "127.0.0.1", port: 0, setting: "PORT" },
    { limits, trustedProxies },
  );
  const operations = await openTestOperations({
    connectionString: service.database.connectionString,
    arrivalLimits: limits,
    trustedProxies,
  });
  return {
    service,
    publicServer: server,
    publicUrl: urlOf(server, "127.0.0.1"),
    opsUrl: operations.url,
    publicRoutes: routesOf(app),
    opsRoutes: listRoutes({ ports: { outboxes: {} } } as RouteParts).map(({ method, path }) => ({
      method,
      path: withIds(path),
    })),
    close: async () => {
      await closeServer(server);
      await operations.close();
      await service.close();
      await rm(folder, { recursive: true });
    },
  };
}

interface Layer {
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
}

/** What Express itself says that it serves. What takes every method there refuses them, and is asked by each. */
function routesOf(app: ReturnType<typeof createApp>): KnownRoute[] {
  const layers = (app.router as unknown as { readonly stack: readonly Layer[] }).stack;
  return layers.flatMap(({ route }) => {
    if (route === undefined) return [];
    const path = typeof route.path === "string" ? withIds(route.path) : "/robots.txt";
    const methods = Object.keys(route.methods);
    const asked = methods.length > 5 ? ["PATCH", "OPTIONS", "PROPFIND"] : methods;
    return asked.map((method) => ({ method: method.toUpperCase(), path }));
  });
}

function withIds(path: string): string {
  return path.replaceAll(/:\w+|\{\w+\}/g, anyId);
}

export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a request and takes the answer as it is; of a live stream, its head alone. */
export function ask(
  url: string,
  { method, path }: KnownRoute,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const request = sendRequest({
      hostname: target.hostname,
      port: target.port,
      path,
      method,
      headers: { ...(body !== undefined && bodyHeaders(body)), ...headers },
      agent: false,
    });
    request.on("error", (error) => reject(new Error(`${method} ${path}`, { cause: error })));
    request.on("response", (response) => {
      const heard = { status: response.statusCode ?? 0, headers: response.headers };
      if (response.headers["content-type"]?.startsWith("text/event-stream") === true) {
        response.destroy();
        resolve({ ...heard, text: "" });
        return;
      }
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ ...heard, text: Buffer.concat(chunks).toString("utf8") }));
    });
    request.end(body);
  });
}

/** Node itself would tell no length of the body of a GET, so that it would be taken for the next request. */
function bodyHeaders(body: string): Readonly<Record<string, string>> {
  return { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}
