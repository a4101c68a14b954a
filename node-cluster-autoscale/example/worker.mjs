// @ts-check
// A worker: an ordinary server with a link to its primary.
import { createServer } from "node:http";
import { joinCluster } from "node-cluster-autoscale";

const link = joinCluster();
const port = Number(process.env["PORT"] ?? 3000);

const server = createServer((_request, response) => {
  // A little work, so that there is something to share.
  const until = performance.now() + 0.2;
  while (performance.now() < until);
  response.end(`Hello from worker ${link.id}\n`);
});

link.observe(server);
link.onLead(() => {
  // What only one worker shall do begins here, as tidying up once a minute...
  const timer = setInterval(() => {}, 60_000);
  // ...and this is how it ends.
  return () => clearInterval(timer);
});
link.onRetire(async () => {
  // The requests are answered: close databases and queues here.
});

server.on("error", (error) => link.fail(`Port ${port} cannot be used: ${error.message}.`));
server.listen(port, "127.0.0.1", () => link.ready());
