import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SmtpEmail } from "../../api/providers/email/smtp-email.ts";
import { ProviderFailure } from "../../api/providers/outside/provider-failure.ts";
import { type MailServer, startMailServer } from "../support/start-mail-server.ts";
import { type RudeMailServer, startRudeMailServer } from "../support/start-rude-mail-server.ts";
import { waitFor } from "../support/wait-for.ts";

const email = {
  messageId: "0198.paid@holdfast",
  to: "buyer@example.org",
  subject: "Your tickets: Ün concert",
  text: "Thank you.\n",
  html: "<p>Thank you.</p>",
};
const patient = () => AbortSignal.timeout(15_000);

let server: MailServer;
let provider: SmtpEmail;

beforeEach(async () => {
  server = await startMailServer();
  provider = await SmtpEmail.open(server.url, "Box office <tickets@shop.example>");
});
afterEach(async () => {
  await provider.close();
  await server.close();
});

/** Fails where the sender should, and tells with what. */
async function failureOf(sending: Promise<void>): Promise<string> {
  return sending.then(
    () => "none",
    (error: unknown) => String(error),
  );
}

/** Whether a message that was not taken is to be sent again. */
async function retryAfter(sender: SmtpEmail): Promise<string> {
  return sender.send(email, patient()).then(
    () => "taken",
    (error: unknown) => (error instanceof ProviderFailure ? error.retry : String(error)),
  );
}

describe("a message", () => {
  test("is handed over with its text, its page, its sender and its own id", async () => {
    await provider.send(email, patient());
    const [message] = server.taken;
    expect(message?.to).toEqual(["buyer@example.org"]);
    expect(message?.source).toMatch(/^Message-ID: <0198\.paid@holdfast>\r$/m);
    expect(message?.source).toMatch(/^From: Box office <tickets@shop\.example>\r$/m);
    expect(message?.source).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(message?.source).toContain("Content-Type: text/plain");
    expect(message?.source).toContain("Content-Type: text/html");
  });

  test.each(["refuse_for_now", "refuse", "refuse_recipient", "reset_after_data"] as const)(
    "is not sent when the server says or does so: %s",
    async (manner) => {
      server.behave(manner);
      expect(await failureOf(provider.send(email, patient()))).not.toBe("none");
      // It is not sent again behind the caller's back.
      const takenBefore = manner === "reset_after_data" ? 1 : 0;
      expect(server.taken).toHaveLength(takenBefore);
      server.behave("take");
      await provider.send(email, patient());
      expect(server.taken).toHaveLength(takenBefore + 1);
      // However often it is sent, it is known to be the same.
      expect(server.taken.at(-1)?.source).toContain("<0198.paid@holdfast>");
    },
  );

  test("is not waited for longer than the caller wants", async () => {
    server.behave("silent");
    const caller = new AbortController();
    const sending = failureOf(provider.send(email, caller.signal));
    await waitFor("a connection", () => server.connectionsMax > 0);
    caller.abort();
    expect(await sending).toMatch(/abort/i);
  });

  test("is given up when the server falls silent", async () => {
    server.behave("silent");
    const limits = { connectMs: 200, silenceMs: 200, messageMs: 10_000 };
    const impatient = await SmtpEmail.open(server.url, "a@b.example", limits);
    expect(await failureOf(impatient.send(email, patient()))).toMatch(/timeout/i);
    expect(await retryAfter(impatient)).toBe("again");
    await impatient.close();
  });

  test("cannot smuggle in a header, a file or another recipient", async () => {
    const subject = "Hi\r\nBcc: thief@example.org";
    await provider.send({ ...email, subject, text: "See /etc/hostname" }, patient());
    await failureOf(provider.send({ ...email, to: "a@example.org, thief@example.org" }, patient()));
    expect(server.taken.flatMap(({ to }) => to).filter((to) => to === "thief@example.org")).toEqual([]);
    expect(server.taken[0]?.source).not.toMatch(/^Bcc:/im);
  });
});

test("a server that is not there, or does not know us, is told of", async () => {
  const { url } = server;
  const wrong = await SmtpEmail.open(url.replace("secret", "wrong"), "a@b.example");
  expect(await failureOf(wrong.send(email, patient()))).toMatch(/invalid login/i);
  await wrong.close();
  const nobody = await SmtpEmail.open("smtp://127.0.0.1:1", "a@b.example");
  expect(await failureOf(nobody.send(email, patient()))).toMatch(/ECONNREFUSED/);
  await nobody.close();
});

test("many messages share few connections", async () => {
  const messages = Array.from({ length: 60 }, (_, index) => ({ ...email, messageId: `${index}@holdfast` }));
  await Promise.all(messages.map((message) => provider.send(message, patient())));
  expect(server.taken).toHaveLength(60);
  expect(server.connectionsMax).toBeLessThanOrEqual(4);
});

test.each([
  ["refuse", "never"],
  ["refuse_recipient", "never"],
  ["refuse_recipient_for_now", "again"],
  ["refuse_for_now", "again"],
  ["mailbox_full", "again"],
  // Our own sender is for the operator to mend; the message waits for that.
  ["refuse_sender", "again"],
  ["reset_after_data", "again"],
] as const)(
  "whether a message is sent again depends on what the server says: %s, %s",
  async (manner, retry) => {
    server.behave(manner);
    expect(await retryAfter(provider)).toBe(retry);
  },
);

test("a wrong password and an address that is none are told apart", async () => {
  const wrong = await SmtpEmail.open(server.url.replace("secret", "wrong"), "a@b.example");
  expect(await retryAfter(wrong)).toBe("again");
  await wrong.close();
  const nobody = provider.send({ ...email, to: "" }, patient());
  await expect(nobody).rejects.toMatchObject({ retry: "never" });
});

describe("a server that does not keep to the protocol", () => {
  const limits = { connectMs: 200, silenceMs: 200, messageMs: 2_000 };
  let rude: RudeMailServer;
  let sender: SmtpEmail;

  beforeEach(async () => {
    rude = await startRudeMailServer();
    sender = await SmtpEmail.open(rude.url, "shop@b.example", limits);
  });
  afterEach(async () => {
    await sender.close();
    await rude.close();
  });

  test.each(["slow_greeting", "full", "reset_in_message", "lies", "babbles"] as const)(
    "has not taken the message, which is to be sent again: %s",
    async (manner) => {
      rude.behave(manner);
      expect(await retryAfter(sender)).toBe("again");
      rude.behave("polite");
      const before = rude.received.length;
      expect(await retryAfter(sender)).toBe("taken");
      expect(rude.received).toHaveLength(before + 1);
    },
  );

  test("never makes a message count as taken that it does not have, though it answers each twice", async () => {
    rude.behave("twice");
    let taken = 0;
    for (let count = 0; count < 4; count += 1) {
      const isTaken = (await retryAfter(sender)) === "taken";
      if (isTaken) taken += 1;
      expect(rude.received.length).toBeGreaterThanOrEqual(taken);
    }
    expect(taken).toBeGreaterThan(0);
  });
});

describe("a server that keeps failing", () => {
  test("is left alone for a moment, and tried again after it", async () => {
    const rude = await startRudeMailServer();
    const sender = await SmtpEmail.open(rude.url, "shop@b.example");
    rude.behave("full");
    for (let count = 0; count < 5; count += 1) expect(await retryAfter(sender)).toBe("again");
    const before = rude.connections;
    rude.behave("polite");
    expect(await failureOf(sender.send(email, patient()))).toContain(
      "The mail server has failed several times",
    );
    expect(rude.connections).toBe(before);
    await waitFor(
      "it to be tried again",
      async () => (await wait(200), (await retryAfter(sender)) === "taken"),
    );
    await sender.close();
    await rude.close();
  });

  test("is not one that refuses recipients for good", async () => {
    server.behave("refuse_recipient");
    for (let count = 0; count < 8; count += 1) expect(await retryAfter(provider)).toBe("never");
    server.behave("take");
    expect(await retryAfter(provider)).toBe("taken");
  });
});
