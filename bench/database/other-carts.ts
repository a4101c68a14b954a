import type pg from "pg";

/** Gives all carts of a tag's users, and the holds in them, one deadline. @returns it */
export async function expireCartsAt(client: pg.Client, userTag: string, inSeconds: number): Promise<string> {
  const users = `buyer-${userTag}-%`;
  await client.query("begin");
  const { rows } = await client.query<{ at: string }>(
    `update carts set
        expires_at = date_trunc('milliseconds', statement_timestamp()) + make_interval(secs => $2)
      where user_id like $1 returning expires_at::text as at`,
    [users, inSeconds],
  );
  const at = rows[0]?.at ?? "";
  await client.query(
    "update reservations set expires_at = $2::timestamptz where user_id like $1 and status = 'held'",
    [users, at],
  );
  await client.query("commit");
  return at;
}
