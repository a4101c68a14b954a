import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = resolve(import.meta.dirname, "../../deploy/check-health.mjs");

/** Serves on a free port until the test ends. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function look(path: string, environment: Record<string, string>): Promise<{ code: number; said: string }> {
  return new Promise((settle) => {
    const child = execFile(
      process.execPath,
      [script, path],
      { env: environment },
      (_error, _stdout, stderr) => settle({ code: child.exitCode ?? -1, said: stderr }),
    );
  });
}

test("is content with a 200, wherever the service listens", async () => {
  const port = await serve((request, response) =>
    response.writeHead(request.url === "/livez" ? 200 : 404).end(),
  );
  for (const HOST of ["0.0.0.0", "127.0.0.1", ""])
    expect(await look("/livez", { OPS_PORT: String(port), HOST })).toEqual({ code: 0, said: "" });
});

test("says what is wrong when it is told", async () => {
  const port = await serve((_request, response) =>
    response.writeHead(503).end("The database cannot be reached."),
  );
  const { code, said } = await look("/readyz", { OPS_PORT: String(port), HOST: "0.0.0.0" });
  expect(code).toBe(1);
  expect(said).toBe("/readyz answers 503: The database cannot be reached.\n");
});

test("does not wait for ever for an answer", async () => {
  const port = await serve(() => {});
  const { code, said } = await look("/livez", { OPS_PORT: String(port) });
  expect(code).toBe(1);
  expect(said).toMatch(/^\/livez does not answer: /);
});

test("notices that nobody listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const { code, said } = await look("/livez", { OPS_PORT: String(port) });
  expect(code).toBe(1);
  expect(said).toMatch(/^\/livez does not answer: .*ECONNREFUSED/);
});
