import { readFile } from "node:fs/promises";
import type { Express, Request, Response } from "express";
import { type ProblemCode, problems } from "../contract/problems.ts";
import { type Asset, assetNames, isAssetName, readAsset } from "./docs/read-asset.ts";
import {
  listProblemCodes,
  pagePolicy,
  presentProblemKind,
  renderProblemIndex,
  renderProblemPage,
} from "./docs/render-problem-pages.ts";
import { problemReply } from "./problem-reply.ts";
import { listHeaders, plainAnswerHeaders } from "./protective-headers.ts";
import { jsonReply, jsonType, type Reply, sendReply, withHeaders } from "./reply.ts";
import { requestIdOf } from "./request-id.ts";

const htmlType = "text/html; charset=utf-8";

/** Scripts and styles come from here alone, and calls go nowhere else. */
const referencePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Serves everything that explains the API: the OpenAPI document, the reference with its console, and the help page
 * of each problem. All of it is made when it is first asked for, from files of this machine only.
 */
export function serveDocs(app: Express): void {
  const document = once(async () => {
    // Most processes are never asked for it.
    const { describeApi } = await import("../contract/describe-api.ts");
    return JSON.stringify(describeApi());
  });
  app.get("/openapi.json", async (request, response) => {
    sendReply(
      response,
      { status: 200, body: await document(), contentType: jsonType, headers: [] },
      requestIdOf(request),
    );
  });

  app.get("/docs", async (request, response) => {
    const html = await renderReference();
    sendReply(response, htmlReply(html, referencePolicy), requestIdOf(request));
  });
  app.get("/docs/assets/:name", async (request, response) => {
    const { name } = request.params;
    if (!isAssetName(name)) return sendNotFound(request, response);
    sendAsset(request, response, await readAsset(name));
  });

  app.get("/problems", (request, response) => {
    const list = listProblemCodes().map(presentProblemKind);
    const data = { object: "list", url: "/problems", data: list, has_more: false, total: list.length };
    sendHelp(request, response, data, renderProblemIndex);
  });
  app.get("/problems/:code", (request, response) => {
    const { code } = request.params;
    if (!isProblemCode(code)) return sendNotFound(request, response);
    sendHelp(request, response, presentProblemKind(code), () => renderProblemPage(code));
  });
}

/** Sends help to a person as a page, and to a program as JSON. */
function sendHelp(request: Request, response: Response, data: object, render: () => string): void {
  const isForPeople = request.accepts(["json", "html"]) === "html";
  const reply = isForPeople ? htmlReply(render(), pagePolicy) : jsonReply(200, data);
  sendReply(response, withHeaders(reply, ["Vary", "Accept"]), requestIdOf(request));
}

/** The page of the reference, with each file's address carrying the version of its content. */
async function renderReference(): Promise<string> {
  let html = await readFile(new URL("docs/reference.html", import.meta.url), "utf8");
  for (const name of assetNames) {
    const { version } = await readAsset(name);
    html = html.replace(`{{${name}}}`, `/docs/assets/${name}?v=${version}`);
  }
  return html;
}

function sendAsset(request: Request, response: Response, { bytes, gzipped, contentType }: Asset): void {
  const isCompressed = request.acceptsEncodings(["gzip", "identity"]) === "gzip";
  const body = isCompressed ? gzipped : bytes;
  response.writeHead(200, [
    ...listHeaders({
      "Content-Type": contentType,
      "Content-Length": String(body.length),
      "Cache-Control": "public, max-age=31536000, immutable",
      "X-Request-Id": requestIdOf(request),
      Vary: "Accept-Encoding",
      ...(isCompressed && { "Content-Encoding": "gzip" }),
    }),
    ...plainAnswerHeaders,
  ]);
  response.end(body);
}

function sendNotFound(request: Request, response: Response): void {
  const requestId = requestIdOf(request);
  sendReply(response, problemReply("not_found", requestId), requestId);
}

function htmlReply(html: string, contentPolicy: string): Reply {
  return { status: 200, body: html, contentType: htmlType, headers: [], contentPolicy };
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
