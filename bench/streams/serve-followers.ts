import type { FollowerReply, FollowerRequest } from "./follower-messages.ts";
import { Followers } from "./followers.ts";

// The process of the followers: apart from the bench, so that reading thousands of messages delays nobody else.

let followers: Followers | null = null;

async function answer(request: FollowerRequest): Promise<FollowerReply> {
  if (request.kind === "open") {
    followers = new Followers(request.plan, request.streams);
    return { kind: "opened", openMs: await followers.open() };
  }
  if (followers === null) throw new Error("No stream is open.");
  return request.kind === "update"
    ? { kind: "updated", update: await followers.update() }
    : followers.close();
}

function reply(message: FollowerReply): void {
  process.send?.(message);
}

process.on("message", (request: FollowerRequest) => {
  answer(request).then(reply, (error: unknown) =>
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
// Without its parent there is nobody to measure for.
process.on("disconnect", () => process.exit(0));
// A signal from the terminal reaches the whole group; the parent decides when this process ends.
process.on("SIGINT", () => {});
