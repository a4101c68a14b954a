import type { ColumnType, Generated } from "kysely";

/** The tables as Kysely sees them. Instants are read as milliseconds since 1970 and written as dates. */
export interface Schema {
  events: EventsTable;
  event_count: EventCountTable;
  reservations: ReservationsTable;
  idempotency_records: IdempotencyRecordsTable;
  event_audits: EventAuditsTable;
  carts: CartsTable;
  orders: OrdersTable;
  customers: CustomersTable;
  verifications: VerificationsTable;
  restock_orders: RestockOrdersTable;
  demo_supplier_orders: DemoSupplierOrdersTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_messages: WebhookMessagesTable;
  webhook_deliveries: WebhookDeliveriesTable;
  api_keys: ApiKeysTable;
  signing_secrets: SigningSecretsTable;
  nodes: NodesTable;
  reported_errors: ReportedErrorsTable;
}

type Instant = ColumnType<number, Date, Date>;
type OptionalInstant = ColumnType<number | null, Date | null | undefined, Date | null>;

interface EventsTable {
  id: string;
  number: Generated<number>;
  name: string;
  capacity: number;
  available: number;
  held: Generated<number>;
  sold: Generated<number>;
  version: Generated<number>;
  paused_reason: string | null;
  price_cents: number;
  currency: string;
  hold_seconds: number;
  max_quantity: number;
  max_extensions: number;
  sales_start_at: OptionalInstant;
  sales_end_at: OptionalInstant;
  requires_verified_phone: boolean;
  restock: ColumnType<{ threshold: number; quantity: number; supplier_url: string } | null, string | null>;
  restock_order_id: string | null;
  restock_held_back: Generated<boolean>;
  created_at: Instant;
}

interface EventCountTable {
  events: number;
}

interface ReservationsTable {
  event_id: string;
  id: string;
  user_id: string;
  quantity: number;
  status: "held" | "confirmed" | "cancelled" | "expired";
  expires_at: Instant;
  created_at: Instant;
  confirmed_at: OptionalInstant;
  released_at: OptionalInstant;
  cause: "cancelled_by_buyer" | "cancelled_by_service" | "deadline_passed" | null;
  cart_id: string | null;
  extended_at: ColumnType<number[] | null, Date[] | null | undefined>;
  verified_phone: string | null;
}

interface IdempotencyRecordsTable {
  event_id: string;
  key_digest: string;
  request_digest: string;
  status: number | null;
  body: string | null;
  created_at: Generated<number>;
}

interface EventAuditsTable {
  event_id: string;
  id: Generated<string>;
  action: "paused" | "resumed" | "changed" | "restocked";
  actor: string;
  reason: string | null;
  at: Instant;
}

interface CartsTable {
  id: string;
  user_id: string;
  items: ColumnType<unknown, string>;
  expires_at: OptionalInstant;
  extensions: Generated<number>;
  order_id: string | null;
  created_at: Instant;
}

interface OrdersTable {
  id: string;
  cart_id: string;
  user_id: string;
  email: string;
  status: "pending" | "paid" | "declined" | "refunded" | "cancelled";
  total_cents: number;
  currency: string;
  items: ColumnType<unknown, string>;
  payment_provider: "demo" | "stripe";
  payment_token: string | null;
  payment_status:
    | "processing"
    | "succeeded"
    | "declined"
    | "never_charged"
    | "refunding"
    | "refunded"
    | "none";
  payment_reference: string | null;
  decline_reason: string | null;
  hold_until: Instant;
  key_digest: string | null;
  created_at: Instant;
  settled_at: OptionalInstant;
  paid_at: OptionalInstant;
  refunded_at: OptionalInstant;
  receipt_sent_at: OptionalInstant;
}

interface CustomersTable {
  id: string;
  request_digest: string;
  body_digest: string;
  first_name: string;
  last_name: string;
  email: string;
  phone_number: string;
  created_at: Instant;
  verified_at: OptionalInstant;
  account_id: string | null;
}

interface VerificationsTable {
  id: string;
  customer_id: string;
  phone_number: string;
  code_digest: Buffer;
  status: "pending" | "verified" | "exhausted" | "superseded";
  wrong_attempts_at: ColumnType<number[], Date[] | undefined, Date[]>;
  attempts_max: number;
  created_at: Instant;
  expires_at: Instant;
  ended_at: OptionalInstant;
  sms_sent_at: OptionalInstant;
  sms_error: string | null;
}

interface RestockOrdersTable {
  event_id: string;
  id: string;
  quantity: number;
  supplier_url: string;
  status: "open" | "placed" | "delivered" | "given_up" | "cancelled";
  attempts: Generated<number>;
  last_error: string | null;
  supplier_reference: string | null;
  created_at: Instant;
  placed_at: OptionalInstant;
  delivered_at: OptionalInstant;
  closed_at: OptionalInstant;
}

interface DemoSupplierOrdersTable {
  key: string;
  quantity: number;
  asked_times: Generated<number>;
  created_at: Generated<number>;
}

interface WebhookEndpointsTable {
  id: string;
  url: string;
  event_types: string[];
  secret: string;
  previous_secret: string | null;
  previous_secret_until: OptionalInstant;
  created_at: Instant;
  disabled_at: OptionalInstant;
  disabled_reason: string | null;
  deleted_at: OptionalInstant;
}

interface WebhookMessagesTable {
  id: string;
  type: string;
  subject_id: string;
  payload: string;
  created_at: Instant;
}

interface WebhookDeliveriesTable {
  id: Generated<number>;
  endpoint_id: string;
  message_id: string;
  subject_id: string;
  status: "pending" | "delivered" | "failed";
  attempts: Generated<number>;
  next_try_at: Instant;
  leased_until: OptionalInstant;
  last_status: number | null;
  last_error: string | null;
  created_at: Instant;
  ended_at: OptionalInstant;
}

interface ApiKeysTable {
  id: string;
  name: string;
  role: "admin" | "service" | "observer";
  digest: Buffer;
  created_at: Generated<number>;
  revoked_at: OptionalInstant;
}

interface SigningSecretsTable {
  purpose: string;
  secret: Buffer;
  created_at: Generated<number>;
}

interface NodesTable {
  id: string;
  name: string;
  version: string;
  role: "all" | "api" | "jobs";
  started_at: Instant;
  seen_at: Instant;
  stopped_at: OptionalInstant;
  workers_live: number;
  workers_wanted: number;
  requests_per_second: number;
  cpu_percent: number | null;
  memory_bytes: number | null;
}

interface ReportedErrorsTable {
  node_id: string;
  id: number;
  at: Instant;
  level: "warn" | "error" | "fatal";
  message: string;
  node: string;
  worker: number | null;
  error_type: string | null;
  sqlstate: string | null;
  request_id: string | null;
  route: string | null;
  status: number | null;
  stack: string | null;
}
