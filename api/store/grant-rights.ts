import pg from "pg";
import { jobSchema } from "./job-queue-options.ts";

/** What the service does with the rows of each table. What is not here it does not do: a sale is never deleted. */
const rightsByTable = {
  api_keys: "select, insert, update",
  carts: "select, insert, update, delete",
  customers: "select, insert, update",
  demo_payments: "select, insert, update",
  demo_supplier_orders: "select, insert, update",
  event_audits: "select, insert",
  // Kept by a trigger that acts for whoever makes an event.
  event_count: "select, update",
  events: "select, insert, update",
  idempotency_records: "select, insert, update, delete",
  kysely_migration: "select",
  kysely_migration_lock: "select",
  nodes: "select, insert, update, delete",
  orders: "select, insert, update",
  reported_errors: "select, insert, delete",
  reservations: "select, insert, update",
  restock_orders: "select, insert, update",
  signing_secrets: "select, insert",
  verifications: "select, insert, update",
  webhook_deliveries: "select, insert, update, delete",
  webhook_endpoints: "select, insert, update, delete",
  webhook_messages: "select, insert, delete",
} as const;

/** The tables that the service's role is given rights on, in the order of their names. */
export const grantedTables: readonly string[] = Object.keys(rightsByTable);

/** Held meanwhile, so that services that start together take turns. */
const lockName = "holdfast rights";

/**
 * Gives the role that the service works as exactly the rights that it needs on tables of another role, which migrates.
 * Safe at every start; a role that owns the tables itself is left alone.
 *
 * @param ownerUrl how the owner of the tables connects
 * @param serviceUrl how the service connects, to the same database
 * @returns the name of the role that got the rights; null when both are the same
 * @throws when one of them cannot connect, or the first does not own the tables
 */
export async function grantRights(ownerUrl: string, serviceUrl: string): Promise<string | null> {
  const role = await askWho(serviceUrl);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "holdfast migrations" });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>("select current_user as name");
    if (rows[0]?.name === role) return null;
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [lockName]);
    for (const statement of listGrants(client.escapeIdentifier(role))) await client.query(statement);
    await client.query("commit");
    return role;
  } finally {
    await client.end();
  }
}

async function askWho(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString, application_name: "holdfast migrations" });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>("select current_user as name");
    return rows[0]?.name ?? "";
  } finally {
    await client.end();
  }
}

/** @param role quoted */
function listGrants(role: string): string[] {
  return [
    `grant usage on schema public, ${jobSchema} to ${role}`,
    // What an earlier version gave and this one does not need ends here.
    `revoke all on all tables in schema public from ${role}`,
    ...Object.entries(rightsByTable).map(([table, rights]) => `grant ${rights} on ${table} to ${role}`),
    `grant usage on all sequences in schema public to ${role}`,
    // These belong to the queue's library, which says nowhere what it does with which.
    `revoke all on all tables in schema ${jobSchema} from ${role}`,
    `grant select, insert, update, delete on all tables in schema ${jobSchema} to ${role}`,
    `grant usage on all sequences in schema ${jobSchema} to ${role}`,
  ];
}
