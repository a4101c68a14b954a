import type { LoadReply, LoadRequest } from "./load-plan.ts";
import { runLoad } from "./run-load.ts";

// The load generator's process: one for the whole run, so that it is as warm for the last arm as for the
// first.

let stopping = new AbortController();

function reply(message: LoadReply): void {
  process.send?.(message);
}

process.on("message", (message: LoadRequest) => {
  if (message.kind === "stop") {
    stopping.abort();
    return;
  }
  stopping = new AbortController();
  runLoad(message.plan, stopping.signal).then(
    (result) => reply({ kind: "result", result }),
    (error: unknown) =>
      reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
// Without its parent there is nobody to measure for.
process.on("disconnect", () => process.exit(0));
// A signal from the terminal reaches the whole group; the parent decides when this process ends.
process.on("SIGINT", () => {});
