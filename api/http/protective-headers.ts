/** Lets a document load and run nothing at all, and nobody show it inside another page. */
const nothingAllowed = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What no page of ours ever uses. */
const unusedFeatures = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** What every answer of both listeners tells browsers beside its content policy, as name, value, name, value. */
export const protectiveHeaders: readonly string[] = [
  "X-Content-Type-Options",
  "nosniff",
  "X-Frame-Options",
  "DENY",
  "Referrer-Policy",
  "no-referrer",
  "Permissions-Policy",
  unusedFeatures,
  "Cross-Origin-Opener-Policy",
  "same-origin",
  "Cross-Origin-Resource-Policy",
  "same-origin",
];

/** The same, with a content policy that allows nothing: for every answer that is no page. */
export const plainAnswerHeaders: readonly string[] = [
  ...protectiveHeaders,
  "Content-Security-Policy",
  nothingAllowed,
];

/** Name and value of what keeps browsers on TLS for a year. Sent over TLS only, where it counts. */
export const stayOnTls = ["Strict-Transport-Security", "max-age=31536000"] as const;

/** Headers as name, value, name, value, as all of ours are handed on. */
export function listHeaders(named: Readonly<Record<string, string>>): string[] {
  return Object.entries(named).flat();
}
