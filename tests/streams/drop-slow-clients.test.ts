import { afterAll, beforeAll, expect, test } from "vitest";
import { listen, urlOf } from "../../api/http/listen.ts";
import { sendStreamHead, StockStream } from "../../api/http/streams/stock-stream.ts";
import { waitFor } from "../support/wait-for.ts";
import { openStream } from "./open-stream.ts";

const streams: StockStream[] = [];
let server: Awaited<ReturnType<typeof listen>>;
let url: string;

beforeAll(async () => {
  server = await listen(
    (_request, response) => {
      sendStreamHead(response, []);
      streams.push(new StockStream(response, []));
    },
    { host: "127.0.0.1", port: 0, setting: "PORT" },
  );
  url = urlOf(server, "127.0.0.1");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** So much that a few fill what the operating system keeps for a client. */
const text = `:${"x".repeat(500_000)}\n\n`;
const plain = Buffer.from(text);
const large = { plain, chunk: Buffer.from(`${plain.length.toString(16)}\r\n${text}\r\n`) };
/** Far more than the operating system keeps. */
const framesMax = 200;

test("a client that reads nothing is cut off before much of it piles up, and may come back", async () => {
  const slow = await openStream(url, "/");
  slow.pause();
  const closed = { value: false };
  streams.at(-1)?.onClose(() => (closed.value = true));
  let frames = 0;
  await waitFor("the end of the slow client", () => {
    for (let count = 0; count < 5 && frames < framesMax; count += 1) {
      streams.at(-1)?.send(large);
      frames += 1;
    }
    return closed.value;
  });
  expect(frames).toBeLessThan(framesMax);
  slow.close();
  const back = await openStream(url, "/");
  await waitFor("the head of the next stream", () => back.retryMs === 1000);
  back.close();
});
