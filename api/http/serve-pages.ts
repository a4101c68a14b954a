import type { Express } from "express";
import { readDatabaseTime } from "../features/read-database-time.ts";
import { problemReply } from "./problem-reply.ts";
import { jsonReply, sendReply } from "./reply.ts";
import { requestIdOf } from "./request-id.ts";
import type { Services } from "./services.ts";

/** The addresses beside the API: whether the process lives, and whether it can serve. */
export function servePages(app: Express, { database, log }: Pick<Services, "database" | "log">): void {
  app.get("/livez", (request, response) => {
    sendReply(response, jsonReply(200, { status: "ok" }), requestIdOf(request));
  });
  app.get("/readyz", async (request, response) => {
    const requestId = requestIdOf(request);
    try {
      await readDatabaseTime({ database });
      sendReply(response, jsonReply(200, { status: "ok" }), requestId);
    } catch (error) {
      log.warn({ err: error, request_id: requestId }, "Not ready: the database could not be reached.");
      const detail = "The database cannot be reached. Sales go on by themselves when it is back.";
      sendReply(response, problemReply("database_unavailable", requestId, { detail }), requestId);
    }
  });
}
