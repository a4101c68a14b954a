import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalisePhone } from "../../api/features/customers/normalise-phone.ts";
import { renderCode } from "../../api/features/customers/render-code.ts";
import { VerificationCodes } from "../../api/features/customers/verification-codes.ts";
import { makeId } from "../../api/kernel/ids.ts";

describe("a code", () => {
  const codes = new VerificationCodes(Buffer.alloc(32, 7));

  test("has 6 digits and follows from its verification and the secret", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const code = codes.codeOf(id);
        expect(code).toMatch(/^[0-9]{6}$/);
        expect(new VerificationCodes(Buffer.alloc(32, 7)).codeOf(id)).toBe(code);
        expect(codes.matches({ id, codeDigest: codes.digestOf(id, code) }, code)).toBe(true);
      }),
    );
  });

  test("is another under another secret, and its digest belongs to one verification", () => {
    const [one, two] = [makeId(), makeId()];
    const others = Array.from({ length: 5 }, () => new VerificationCodes(randomBytes(32)).codeOf(one));
    expect(new Set(others).size).toBeGreaterThan(1);
    const code = codes.codeOf(one);
    expect(codes.matches({ id: two, codeDigest: codes.digestOf(one, code) }, code)).toBe(false);
    const other = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    expect(codes.matches({ id: one, codeDigest: codes.digestOf(one, code) }, other)).toBe(false);
    expect(codes.digestOf(one, code)).toHaveLength(32);
  });

  test("is any of them with about the same chance", () => {
    const byFirstDigit = new Map<string, number>();
    for (let count = 0; count < 10_000; count += 1) {
      const digit = codes.codeOf(makeId()).charAt(0);
      byFirstDigit.set(digit, (byFirstDigit.get(digit) ?? 0) + 1);
    }
    // 1,000 each; 200 off is more than six standard deviations.
    expect(byFirstDigit.size).toBe(10);
    for (const count of byFirstDigit.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  test.each([
    [120_000, "2 minutes"],
    [119_400, "2 minutes"],
    [93_000, "90 seconds"],
    [60_000, "1 minute"],
    [10_000, "10 seconds"],
    [1, "10 seconds"],
    [3_600_000, "60 minutes"],
  ])("with %d ms to go is said to be valid for %s", (remainingMs, told) => {
    expect(renderCode("012345", remainingMs)).toBe(
      `012345 is your verification code. It is valid for ${told}.`,
    );
  });
});

describe("a phone number", () => {
  // Of those that regulators keep for fiction, and the library's own examples.
  test.each([
    ["+14155550132", "+14155550132"],
    ["+1 (415) 555-0132", "+14155550132"],
    ["+1.415.555.0132", "+14155550132"],
    ["+46 70 174 06 05", "+46701740605"],
    ["+61 491 570 156", "+61491570156"],
    ["+4915123456789", "+4915123456789"],
    ["+447400123456", "+447400123456"],
    ["+33612345678", "+33612345678"],
    ["+39 312 345 6789", "+393123456789"],
  ])("%s is %s", async (text, phoneNumber) => {
    expect(await normalisePhone(text)).toEqual({ kind: "valid", phoneNumber });
  });

  test.each([
    ["without a country", "4155550132"],
    ["with another country's way to begin", "0014155550132"],
    ["of nothing", "+"],
    ["of signs alone", "+() - ."],
    ["of letters", "+1 415 CALL NOW"],
    ["with an extension", "+1 415 555 0132 ext. 5"],
    ["with an extension of another form", "+14155550132;ext=5"],
    ["as a link", "tel:+14155550132"],
    ["of foreign digits", "+١٤١٥٥٥٥٠١٣٢"],
    ["with a full-width plus", "＋14155550132"],
    ["too short", "+1415555"],
    ["too long", "+1415555013212345"],
    ["of no country", "+9991234567890"],
    ["with no area", "+15555550100"],
    ["at a premium rate", "+19005550132"],
    ["at a premium rate in Germany", "+499001234567"],
    ["that is free to call", "+18005550132"],
    ["at shared cost", "+448456012345"],
    ["that follows its owner", "+447012345678"],
    ["of a fixed line", "+442079460958"],
    ["of a pager", "+447640123456"],
    ["of a company", "+445512345678"],
    ["for voice over IP", "+445612345678"],
    ["with two numbers", "+14155550132 +14155550133"],
    ["with nothing before it but a space", " +14155550132"],
  ])("%s is refused: %s", async (_what, text) => {
    expect(await normalisePhone(text)).toMatchObject({
      kind: "invalid",
      fault: expect.stringMatching(/^must be/),
    });
  });

  test("of any text is taken in E.164 or refused", async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.stringMatching(/^\+[0-9 .()-]{1,30}$/),
      fc.stringMatching(/^\+1[2-9][0-9]{2}55501[0-9]{2}$/),
    );
    await fc.assert(
      fc.asyncProperty(text, async (some) => {
        const phone = await normalisePhone(some);
        if (phone.kind === "invalid") return;
        expect(phone.phoneNumber).toMatch(/^\+[1-9][0-9]{1,14}$/);
        expect(await normalisePhone(phone.phoneNumber)).toEqual(phone);
      }),
    );
  });
});
