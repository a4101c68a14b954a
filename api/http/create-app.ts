import express, { type ErrorRequestHandler, type Express } from "express";
import { type Operation, operations } from "../contract/operations.ts";
import type { PageFiles } from "./page-files.ts";
import { problemReply, RequestProblem } from "./problem-reply.ts";
import { sendReply } from "./reply.ts";
import { requestIdOf } from "./request-id.ts";
import { routeTable } from "./route-table.ts";
import { type FailureServices, sendFailure, serveOperation } from "./serve-operation.ts";
import type { Services } from "./services.ts";
import { serveDocs } from "./serve-docs.ts";
import { servePages } from "./serve-pages.ts";
import { serveStorefront } from "./serve-storefront.ts";
import { serveStripeWebhook } from "./serve-stripe-webhook.ts";
import { serveStream, streamNames } from "./streams/serve-stream.ts";
import { timeOtherRequests } from "./time-requests.ts";

/**
 * Builds the public application without listening, so that tests can call it directly.
 * Nothing runs before the route is known: each route pays only for what it needs.
 */
export function createApp(services: Services, storefront: PageFiles | null = null): Express {
  const app = createBareApp();
  app.set("trust proxy", [...services.trustedProxies]);
  for (const [name, handler] of Object.entries(routeTable)) {
    const operation: Operation = operations[name as keyof typeof routeTable];
    app[operation.method](expressPath(operation.path), serveOperation(operation, handler, services));
  }
  for (const name of streamNames) app.get(expressPath(operations[name].path), serveStream(name, services));
  const { path } = operations.receive_stripe_webhook;
  app.post(path, serveStripeWebhook(services));
  timeOtherRequests(app, services.recorder);
  servePages(app, services);
  serveDocs(app);
  if (storefront !== null) serveStorefront(app, storefront);
  refuseTheRest(app, services);
  return app;
}

/** An Express application without anything that costs time on every request. */
export function createBareApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  app.enable("case sensitive routing");
  app.enable("strict routing");
  return app;
}

/** Answers wrong methods, unknown paths and failures outside of any handler. Must be installed last. */
export function refuseTheRest(app: Express, services: FailureServices): void {
  const methodsByPath = new Map<string, string[]>();
  for (const { method, path } of Object.values(operations) as Operation[]) {
    const methods = methodsByPath.get(path) ?? [];
    methods.push(method.toUpperCase());
    methodsByPath.set(path, methods);
  }
  for (const [path, methods] of methodsByPath) {
    app.all(expressPath(path), (request, response) => {
      const requestId = requestIdOf(request);
      const details = { headers: ["Allow", methods.sort().join(", ")] };
      sendReply(response, problemReply("method_not_allowed", requestId, details), requestId);
    });
  }
  app.use((request, response) => {
    const requestId = requestIdOf(request);
    sendReply(response, problemReply("not_found", requestId), requestId);
  });
  const onFailure: ErrorRequestHandler = (error, request, response, _next) => {
    const malformed = error instanceof URIError || (error as { status?: unknown }).status === 400;
    const problem = malformed
      ? new RequestProblem("malformed_request", { detail: "The path is not valid." })
      : error;
    sendFailure(problem, response, requestIdOf(request), services);
  };
  app.use(onFailure);
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
