import type { Server } from "node:http";

/** Requests that are still being served when a listener closes have this long. */
const drainMaxMs = 8_000;

/** Stops taking connections, lets requests in progress finish, and cuts off what takes too long. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Requests that were under way leave their connections open behind them.
  const closeIdle = setInterval(() => server.closeIdleConnections(), 50);
  const cutOff = setTimeout(() => server.closeAllConnections(), drainMaxMs);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(cutOff);
}
