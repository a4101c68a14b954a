/** The servers that are measured, each a process of its own on a database of its own. */
export type ArmServerKind =
  /** The service itself. */
  | "desk"
  /** The same route with a transaction for each request. */
  | "naive"
  /** The same route with nothing behind it. */
  | "noop";

export type ArmRequest =
  | { readonly kind: "start"; readonly server: ArmServerKind; readonly connectionString: string }
  /** Only for the naive server. */
  | { readonly kind: "resize_pool"; readonly connections: number }
  | { readonly kind: "stop" };

export type ArmReply =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "resized" }
  | { readonly kind: "failed"; readonly message: string };
