import { createHmac } from "node:crypto";

const hourSeconds = 3_600;

/**
 * Credentials of every kind that must be refused, as whole values of the header Authorization.
 *
 * @param real ones that are valid, from which the others are made
 * @param real.signingSecret the service's own, without which no token could be one that was valid once
 */
export function makeBadCredentials(real: {
  readonly adminKey: string;
  readonly revokedKey: string;
  readonly token: string;
  readonly signingSecret: Buffer;
  readonly nowMs: number;
}): string[] {
  const { adminKey, revokedKey, token, signingSecret, nowMs } = real;
  const nowSeconds = Math.floor(nowMs / 1000);
  const [head = "", payload = "", mac = ""] = token.split(".");
  const claims = { iss: "holdfast", sub: "buyer-0", iat: nowSeconds, exp: nowSeconds + hourSeconds };
  const hs256 = { alg: "HS256", typ: "JWT" };
  const sign = (header: object, told: object, secret: Buffer | string) => {
    const text = `${encode(header)}.${encode(told)}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const tokens = [
    `${encode({ alg: "none" })}.${payload}.`,
    `${encode({ alg: "none", typ: "JWT" })}.${encode({ ...claims, sub: "somebody" })}.`,
    `${encode({ alg: "NONE" })}.${payload}.${mac}`,
    `${head}.${encode({ ...claims, sub: "somebody" })}.${mac}`,
    `${head}.${payload}.${mac.slice(0, -2)}AA`,
    `${head}.${payload}`,
    `${head}.${payload}.${mac}.${mac}`,
    sign(hs256, claims, "another secret"),
    sign({ alg: "HS512", typ: "JWT" }, claims, signingSecret),
    sign({ alg: "RS256", typ: "JWT" }, claims, signingSecret),
    sign(
      hs256,
      { ...claims, iat: nowSeconds - 2 * hourSeconds, exp: nowSeconds - hourSeconds },
      signingSecret,
    ),
    sign(hs256, { ...claims, iss: "somebody" }, signingSecret),
    sign(hs256, { iss: "holdfast", sub: "buyer-0" }, signingSecret),
    sign(hs256, { iss: "holdfast", exp: claims.exp }, signingSecret),
    sign(hs256, { ...claims, nbf: nowSeconds + hourSeconds }, signingSecret),
    sign(hs256, { ...claims, exp: "tomorrow" }, signingSecret),
    sign({ ...hs256, crit: ["x"], x: 1 }, claims, signingSecret),
    sign(hs256, [claims], signingSecret),
    "..",
    "a.b.c",
    "%00",
  ];
  const keys = [
    revokedKey,
    `${adminKey}x`,
    adminKey.slice(0, -1),
    adminKey.toUpperCase(),
    adminKey.replace("hf_admin_", "hf_service_"),
    "hf_",
    "hf_admin_",
    `hf_admin_${"a".repeat(43)}`,
    `hf_admin_${"a".repeat(4_500)}`,
    "hf_admin_\u00e9",
    "x",
  ];
  const schemes = [
    "",
    "Bearer",
    "Basic YWRtaW46YWRtaW4=",
    adminKey,
    `Token ${adminKey}`,
    `Bearer ${adminKey} ${adminKey}`,
    `Bearer: ${adminKey}`,
  ];
  return [...[...tokens, ...keys].map((each) => `Bearer ${each}`), ...schemes];
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
