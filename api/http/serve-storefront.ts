import type { Express, RequestHandler } from "express";
import { firstFile, type PageFiles } from "./page-files.ts";

/** The pages of the storefront. All of them begin with the same file. */
const pages = ["/", "/events/:id", "/cart", "/checkout", "/orders/:id", "/tickets"];
/** What lies beside them: an icon, say. */
const rootFiles = /^\/[\w-]+\.[\w.-]+$/;

/** Serves the storefront, and leaves every address that it does not have to whoever comes next. */
export function serveStorefront(app: Express, files: PageFiles): void {
  const serve =
    (nameOf: (path: string) => string): RequestHandler =>
    async (request, response, next) => {
      if (!(await files.serve(request, response, nameOf(request.path)))) next();
    };
  for (const page of pages)
    app.get(
      page,
      serve(() => firstFile),
    );
  app.get(
    "/assets/:name",
    serve((path) => path),
  );
  app.get(
    rootFiles,
    serve((path) => path),
  );
}
