import { createServer } from "node:net";
import { expect, test } from "vitest";
import { choosePort, isFree } from "../../api/kernel/choose-port.ts";

/** The first port that Linux gives to outgoing connections; other systems begin higher. */
const firstOutgoingPort = 32_768;
/** For documentation only (RFC 5737): no machine has it. */
const foreignHost = "192.0.2.1";

test("a chosen port is free, and none that the system gives to outgoing connections", async () => {
  const port = await choosePort();
  if (port === null) throw new Error("There is no free port.");
  expect(port).toBeLessThan(firstOutgoingPort);
  expect(await isFree(port)).toBe(true);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  expect(await isFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});

test("there is none on an address that this machine does not have", async () => {
  expect(await choosePort(foreignHost)).toBeNull();
});
