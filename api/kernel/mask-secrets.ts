/** Texts that are secret wherever they stand, and what is written in their place. Each begins with what tells it apart. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\bhf_(admin|service|observer)_[\w-]+/g, "hf_$1_[hidden]"],
  // A signed token: header, claims and signature.
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, "[hidden token]"],
  [/\bwhsec_[\w+/=-]+/g, "whsec_[hidden]"],
  [/\b([rs]k_(?:live|test))_\w+/g, "$1_[hidden]"],
  // A card as a payment provider knows it, and what lets a browser finish a payment.
  [/\b(pm|tok|card|src|pi_\w+_secret|seti_\w+_secret)_(?=\w*[A-Z0-9])\w{8,}/g, "$1_[hidden]"],
  // User and password in an address.
  [/:\/\/[^\s/@"'\\]*:[^\s@"'\\]*@/g, "://[hidden]@"],
  [/\b(Bearer|Basic) +[\w+/=.~-]+/gi, "$1 [hidden]"],
  [/(?<![\w+])\+[1-9]\d{6,14}(?!\d)/g, "+[hidden phone]"],
  // Not the scope and version of a package in a path, whose last part is a number.
  [/(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi, "[hidden address]"],
];

/** Shorter secrets are words that stand everywhere, such as the password of a trial. They are masked by their place. */
const lengthMin = 10;

/** Takes out of a text what nobody may read in a log. */
export type SecretMask = (text: string) => string;

/**
 * Prepares the mask of a process.
 *
 * @param known the secrets that it was started with; each is masked as it is, and as it stands in an address or in JSON
 */
export function createSecretMask(known: readonly (string | null)[] = []): SecretMask {
  const forms = known
    .flatMap((secret) =>
      secret === null ? [] : [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
    )
    .filter((form) => form.length >= lengthMin);
  // The longest first: one may be the beginning of another.
  const literals = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    let masked = text;
    for (const literal of literals) masked = masked.replaceAll(literal, "[hidden]");
    for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
    return masked;
  };
}

/** The password in an address, as it is meant; null when there is none. */
function passwordIn(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { password } = new URL(url);
  try {
    return password === "" ? null : decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** The settings that are secret, of the supervisor or of a worker. */
export function secretsOf(settings: {
  readonly adminKey?: string | null;
  readonly databaseUrl?: string | null;
  readonly migrationDatabaseUrl?: string | null;
  readonly connectionString?: string;
  readonly stripeSecretKey: string | null;
  readonly stripeWebhookSecret: string | null;
  readonly smtpUrl: string | null;
  readonly smsGateway: { readonly account: string; readonly token: string } | null;
}): (string | null)[] {
  const { smsGateway } = settings;
  return [
    settings.adminKey ?? null,
    passwordIn(settings.databaseUrl ?? null),
    passwordIn(settings.migrationDatabaseUrl ?? null),
    passwordIn(settings.connectionString ?? null),
    settings.stripeSecretKey,
    settings.stripeWebhookSecret,
    passwordIn(settings.smtpUrl),
    smsGateway?.token ?? null,
    smsGateway === null ? null : Buffer.from(`${smsGateway.account}:${smsGateway.token}`).toString("base64"),
  ];
}
