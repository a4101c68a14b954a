import { DemoOutbox } from "../../api/providers/email/demo-outbox.ts";

/** Writes messages to the outbox of a data directory: `fill-outbox.ts FOLDER WRITER COUNT`. */
const [folder = "", writer = "", count = "0"] = process.argv.slice(2);
const outbox = new DemoOutbox(folder, () => 0);
const sending = Array.from({ length: Number(count) }, (_, index) =>
  outbox.send(
    {
      messageId: `${writer}.${index}`,
      to: "buyer@example.org",
      subject: "Receipt",
      text: "text\n".repeat(200),
      html: "<p>html</p>".repeat(500),
    },
    AbortSignal.timeout(30_000),
  ),
);
await Promise.all(sending);
