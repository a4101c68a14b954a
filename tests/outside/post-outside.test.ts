import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OutsidePoster } from "../../api/providers/outside/post-outside.ts";

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** Answers by the path that is asked for. */
const answers: Readonly<Record<string, Answer>> = {
  "/ok": (_incoming, outgoing) => outgoing.writeHead(201, { "retry-after": "7" }).end("made"),
  "/redirect": (_incoming, outgoing) => outgoing.writeHead(307, { location: "/ok" }).end(),
  "/never": () => {},
  "/endless": (_incoming, outgoing) => {
    const send = () => {
      while (!outgoing.destroyed && outgoing.write("x".repeat(16_384)));
      if (!outgoing.destroyed) outgoing.once("drain", send);
    };
    send();
  },
  "/trickle": (_incoming, outgoing) => {
    const timer = setInterval(() => outgoing.write("x"), 10);
    outgoing.once("close", () => clearInterval(timer));
  },
  "/cut": (incoming, outgoing) => {
    outgoing.writeHead(200, { "content-length": "100" }).write("half");
    setImmediate(() => incoming.socket.destroy());
  },
  "/reset": (incoming) => incoming.socket.destroy(),
};

let server: ReturnType<typeof createServer>;
let port: number;
const asked: string[] = [];
const posters: OutsidePoster[] = [];

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? "");
    incoming.resume();
    answers[incoming.url ?? ""]?.(incoming, outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  for (const poster of posters) poster.close();
  server.close();
  server.closeAllConnections();
});

function openPoster(allowPrivate: boolean): OutsidePoster {
  const poster = new OutsidePoster({ allowPrivate });
  posters.push(poster);
  return poster;
}

const post = (
  path: string,
  { host = "127.0.0.1", allowPrivate = true, timeoutMs = 10_000, signal = new AbortController().signal } = {},
) =>
  openPoster(allowPrivate).post(
    { url: `http://${host}:${port}${path}`, headers: { "x-one": "1" }, body: '{"a":1}', timeoutMs },
    signal,
  );

describe("posting to somebody else's server", () => {
  test("gives the answer, whatever its status", async () => {
    expect(await post("/ok")).toEqual({ status: 201, retryAfter: "7", body: "made" });
  });

  test("does not follow a redirect", async () => {
    asked.length = 0;
    expect(await post("/redirect")).toMatchObject({ status: 307 });
    expect(asked).toEqual(["/redirect"]);
  });

  test("reads no more of an answer than 64 KiB", async () => {
    const answer = await post("/endless");
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(65_536);
  });

  test.each(["/never", "/trickle"])("ends when its time is over: %s", async (path) => {
    await expect(post(path, { timeoutMs: 150 })).rejects.toMatchObject({
      retry: "again",
      message: expect.stringContaining("did not answer within 150 ms"),
    });
  });

  test("can be broken off", async () => {
    const breakingOff = new AbortController();
    const posted = post("/never", { signal: breakingOff.signal });
    breakingOff.abort();
    await expect(posted).rejects.toMatchObject({ retry: "again" });
  });

  test.each(["/reset", "/cut"])("can be tried again after a broken connection: %s", async (path) => {
    await expect(post(path)).rejects.toMatchObject({ retry: "again" });
  });
});

describe("looking at somebody else's server", () => {
  const look = (path: string, timeoutMs = 10_000) => {
    const url = `http://127.0.0.1:${port}${path}`;
    return openPoster(true).look({ url, headers: {}, timeoutMs }, new AbortController().signal);
  };

  test("tells status and redirect, and follows none", async () => {
    asked.length = 0;
    expect(await look("/redirect")).toEqual({ status: 307, location: "/ok" });
    expect(await look("/ok")).toEqual({ status: 201, location: null });
    expect(asked).toEqual(["/redirect", "/ok"]);
  });

  test("ends when its time is over", async () => {
    await expect(look("/never", 150)).rejects.toMatchObject({ retry: "again" });
  });
});

describe("where private networks are closed", () => {
  test.each(["127.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost"])(
    "nothing is sent to %s",
    async (host) => {
      asked.length = 0;
      await expect(post("/ok", { host, allowPrivate: false })).rejects.toMatchObject({
        retry: "never",
        message: expect.stringContaining("not an address of the public network"),
      });
      const url = `http://${host}:${port}/ok`;
      const looked = openPoster(false).look(
        { url, headers: {}, timeoutMs: 10_000 },
        new AbortController().signal,
      );
      await expect(looked).rejects.toMatchObject({ retry: "never" });
      expect(asked).toEqual([]);
    },
  );
});
