import type { ArmReply, ArmRequest } from "./arm-messages.ts";
import { type ArmServer, startArm } from "./start-arm.ts";

// The process of one arm. It serves until its parent says stop, or is gone.

const stopMaxMs = 5_000;
let arm: ArmServer | null = null;

function reply(message: ArmReply): void {
  process.send?.(message);
}

async function handle(request: ArmRequest): Promise<void> {
  switch (request.kind) {
    case "start":
      arm = await startArm(request.server, request.connectionString);
      reply({ kind: "ready", port: arm.port });
      return;
    case "resize_pool":
      await arm?.naivePool?.resize(request.connections);
      reply({ kind: "resized" });
      return;
    case "stop":
      await stop();
  }
}

async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), stopMaxMs).unref();
  await arm?.stop();
  process.exit(0);
}

process.on("message", (request: ArmRequest) => {
  handle(request).catch((error: unknown) => {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
process.on("disconnect", () => {
  stop().catch(() => process.exit(1));
});
// A signal from the terminal reaches the whole group; the parent decides when this process ends.
process.on("SIGINT", () => {});
