import { runOpenLoad } from "./open-load.ts";
import type { OpenLoadReply, OpenLoadRequest } from "./open-load-messages.ts";

// The process of the open load: apart from the bench, so that nothing else delays its arrivals.

function reply(message: OpenLoadReply): void {
  process.send?.(message);
}

process.on("message", (request: OpenLoadRequest) => {
  runOpenLoad(request.plan, request.phases).then(
    (result) => reply({ kind: "result", result }),
    (error: unknown) =>
      reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
// Without its parent there is nobody to measure for.
process.on("disconnect", () => process.exit(0));
// A signal from the terminal reaches the whole group; the parent decides when this process ends.
process.on("SIGINT", () => {});
