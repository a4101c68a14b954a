import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CircuitBreaker } from "../../api/providers/outside/break-circuit.ts";
import { ProviderFailure } from "../../api/providers/outside/provider-failure.ts";
import { GatewaySms } from "../../api/providers/sms/gateway-sms.ts";
import { type SmsDouble, type SmsFault, startSmsDouble } from "../support/start-sms-double.ts";

const sms = { id: "a", to: "+14155550132", text: "123456 is your verification code. It is valid & new." };
const never = new AbortController().signal;

let double: SmsDouble;
let gateway: GatewaySms;

beforeEach(async () => {
  double = await startSmsDouble();
  gateway = new GatewaySms(double.account, { answerMaxMs: 300 });
});
afterEach(async () => {
  await gateway.close();
  await double.close();
});

const failureOf = async (sending: Promise<void>): Promise<ProviderFailure> => {
  const error: unknown = await sending.then(
    () => new Error("It was taken."),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProviderFailure);
  return error as ProviderFailure;
};

test("a message is sent as Twilio takes it, and is done when it says so", async () => {
  await gateway.send(sms, never);
  expect(double.taken).toEqual([{ to: sms.to, from: double.account.from, body: sms.text }]);
});

test.each<[SmsFault, "again" | "never"]>([
  ["reset_before", "again"],
  ["reset_after", "again"],
  ["silence_after", "again"],
  ["half_answer_after", "again"],
  ["error_500", "again"],
  ["error_503_with_retry_after", "again"],
  ["rate_limited", "again"],
  ["redirect", "again"],
  ["portal_page", "again"],
  ["lie_200", "again"],
  ["lie_empty", "again"],
  ["lie_failed", "again"],
  ["lie_other_phone", "again"],
  ["endless_answer", "again"],
  ["refused", "never"],
  ["wrong_account", "never"],
])("a gateway that answers with %s is to be tried %s", async (fault, retry) => {
  double.failNext(fault);
  const failure = await failureOf(gateway.send(sms, never));
  expect(failure.retry).toBe(retry);
  expect(failure.message).not.toContain(sms.to);
  expect(failure.message).not.toContain(sms.text);
  await gateway.send(sms, never);
});

test("what it says about coming back is told", async () => {
  double.failNext("error_503_with_retry_after");
  expect((await failureOf(gateway.send(sms, never))).retryAfterMs).toBe(7_000);
});

test("a server that is not there is to be tried again", async () => {
  await double.close();
  expect(await failureOf(gateway.send(sms, never))).toMatchObject({ retry: "again" });
  double = await startSmsDouble();
});

test("a caller who is gone sends nothing, and one who goes is not kept waiting", async () => {
  await expect(gateway.send(sms, AbortSignal.abort())).rejects.toThrow(/abort/i);
  expect(double.calls()).toBe(0);
  double.failNext("silence_after");
  const leaving = new AbortController();
  const sending = failureOf(gateway.send(sms, leaving.signal));
  leaving.abort();
  expect(await sending).toMatchObject({ retry: "again" });
});

describe("a gateway that fails again and again", () => {
  test("is left alone, and tried again after a rest", async () => {
    const breaker = new CircuitBreaker("The SMS gateway", { failuresMax: 3, restMs: 50 });
    const patient = new GatewaySms(double.account, { answerMaxMs: 2_000, breaker });
    double.failAlways("error_500");
    for (let count = 0; count < 3; count += 1) await failureOf(patient.send(sms, never));
    expect(await failureOf(patient.send(sms, never))).toMatchObject({
      retry: "again",
      retryAfterMs: 50,
      message: expect.stringContaining("left alone"),
    });
    expect(double.calls()).toBe(3);
    double.failAlways("none");
    await expect
      .poll(
        () =>
          patient.send(sms, never).then(
            () => "sent",
            () => "not yet",
          ),
        { timeout: 5_000 },
      )
      .toBe("sent");
    await patient.close();
  });
});
