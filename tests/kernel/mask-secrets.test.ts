import { describe, expect, test } from "vitest";
import { generateKey } from "../../api/features/access/hash-key.ts";
import { createSecretMask, secretsOf } from "../../api/kernel/mask-secrets.ts";
import { serializeError } from "../../api/kernel/serialize-error.ts";

describe("what is secret wherever it stands", () => {
  const mask = createSecretMask();
  const jwt =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
  const secrets = [
    generateKey("admin"),
    generateKey("service"),
    generateKey("observer"),
    jwt,
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "sk_live_51Habc",
    "rk_test_51Habc",
    "pm_1MqLiJLkdIwHu7ixUEgbFdYF",
    "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
    "postgres://holdfast:s%2Fecret@db:5432/holdfast",
    "smtps://shop:pass:word@mail.example:465",
    "+14155550123",
    "+46701234567",
    "ada.lovelace+tickets@mail.example.org",
  ];

  test.each(secrets)("is not written down: %s", (secret) => {
    for (const text of [secret, `Failed for "${secret}", giving up.`, JSON.stringify({ a: { b: secret } })]) {
      const masked = mask(text);
      const telling = secret.replace(/^\w+?:\/\/\w+:|@(?:db|mail).*$/g, "");
      expect(masked).not.toContain(telling);
      expect(masked).toContain("[hidden");
    }
    // What was JSON still is.
    expect(JSON.parse(mask(JSON.stringify({ a: { b: secret } })))).toHaveProperty("a.b");
    expect(mask(mask(`a ${secret} b`))).toBe(mask(`a ${secret} b`));
  });

  test("leaves alone what an operator needs", () => {
    const useful = [
      "at serve (file:///srv/node_modules/.store/pg@8.23.1/node_modules/pg/lib/client.js:12:3)",
      "2026-11-27T10:06:33.123+02:00",
      "reservation 0198c0de-0000-7000-8000-000000000001 of event 12, req_a1b2c3",
      "http://127.0.0.1:3000/v1/events",
      'password authentication failed for user "holdfast"',
      "pm_card_visa was declined",
    ];
    for (const text of useful) expect(mask(text)).toBe(text);
  });
});

test("what a process was started with is masked as it is, in an address and in JSON", () => {
  const mask = createSecretMask(
    secretsOf({
      databaseUrl: "postgres://holdfast:p%22ss%20word%2F1@db/holdfast",
      stripeSecretKey: null,
      stripeWebhookSecret: null,
      smtpUrl: "smtp://shop:a%25-much-too-long-one@mail",
      smsGateway: { account: "AC0", token: "to/ken-of-the-account" },
    }),
  );
  const basic = Buffer.from("AC0:to/ken-of-the-account").toString("base64");
  const said = `p"ss word/1 ${JSON.stringify('p"ss word/1')} p%22ss%20word%2F1 to/ken-of-the-account ${basic}`;
  expect(mask(said)).toBe('[hidden] "[hidden]" [hidden] [hidden] [hidden]');
  expect(mask("a%-much-too-long-one")).toBe("[hidden]");
});

test("an error keeps what tells its cause, and loses what libraries hang on it", () => {
  const refused = Object.assign(new Error("duplicate key value violates unique constraint"), {
    code: "23505",
    detail: "Key (phone_number)=(+14155550123) already exists.",
    where: "the row of ada",
    table: "customers",
    constraint: "customers_phone",
    config: { headers: { authorization: "Basic c2VjcmV0" } },
    code2: "x",
  });
  const error = new Error("It failed.", { cause: new Error("Deeper.", { cause: refused }) });
  const logged = serializeError(error);
  expect(logged).toMatchObject({
    type: "Error",
    message: "It failed.",
    cause: {
      message: "Deeper.",
      cause: { code: "23505", table: "customers", constraint: "customers_phone" },
    },
  });
  expect(JSON.stringify(logged)).not.toMatch(/detail|where|config|4155550123|c2VjcmV0/);
});

test("errors whose causes form a circle, and what is no error, are written down all the same", () => {
  const circle = new Error("round");
  circle.cause = circle;
  expect(JSON.stringify(serializeError(circle)).length).toBeLessThan(50_000);
  expect(serializeError("text")).toBe("text");
  expect(serializeError({ password: "secret" })).toBe("[no error]");
  const both = new AggregateError([new Error("refused here"), new Error("refused there")]);
  expect(serializeError(both)).toMatchObject({ message: "refused here; refused there" });
});
