import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DemoOutbox } from "../../api/providers/email/demo-outbox.ts";
import { openEmailProvider } from "../../api/providers/email/open-email-provider.ts";

const run = promisify(execFile);
const program = resolve(import.meta.dirname, "../support/fill-outbox.ts");
const email = {
  messageId: "order.paid@holdfast",
  to: "buyer@example.org",
  subject: "Your tickets",
  text: "one\ntwo\u2028three",
  html: "<p>ü</p>",
};

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "holdfast-test-outbox-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function readLines(): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(dataDir, "outbox/email.jsonl"), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("each message is one line of the outbox, which is made when it is first needed", async () => {
  const outbox = await openEmailProvider({
    smtpUrl: null,
    mailFrom: "a@b",
    dataDir,
    nowMs: () => 1_700_000_000_123,
  });
  await outbox.send(email, AbortSignal.timeout(5_000));
  await outbox.send({ ...email, messageId: "second@holdfast" }, AbortSignal.timeout(5_000));
  const { messageId, to, text, subject, html } = email;
  const at = "2023-11-14T22:13:20.123Z";
  expect(await readLines()).toEqual([
    { id: messageId, to, text, at, subject, html },
    { id: "second@holdfast", to, text, at, subject, html },
  ]);
  await outbox.close();
});

test("several processes that write at once leave whole lines", async () => {
  const writers = ["a", "b", "c"];
  await Promise.all(writers.map((writer) => run(process.execPath, [program, dataDir, writer, "100"])));
  const ids = (await readLines()).map(({ id }) => id);
  expect(ids).toHaveLength(300);
  expect(new Set(ids).size).toBe(300);
});

test("a message that could not be written was not sent", async () => {
  await writeFile(join(dataDir, "outbox"), "a file where the folder should be");
  const outbox = new DemoOutbox(dataDir, () => 0);
  await expect(outbox.send(email, AbortSignal.timeout(5_000))).rejects.toThrow(/EEXIST|ENOTDIR/);
});

test("nothing is written for a caller who is gone", async () => {
  const outbox = new DemoOutbox(dataDir, () => 0);
  await expect(outbox.send(email, AbortSignal.abort())).rejects.toThrow(/abort/i);
  await expect(readFile(join(dataDir, "outbox/email.jsonl"))).rejects.toThrow("ENOENT");
});
