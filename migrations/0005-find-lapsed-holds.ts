import { sql, type Kysely } from "kysely";

/** Finds the holds that a buyer has let expire, so that whoever does so again and again can be told to wait. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const statements = [
  // Asked for each hold of a buyer: those that expired last, of one user on one event. A hold that is sold never
  // comes in here.
  `create index reservations_lapsed on reservations (event_id, user_id, expires_at) where status = 'expired'`,
];
