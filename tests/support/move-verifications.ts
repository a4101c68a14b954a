import type { TestDatabase } from "./open-test-database.ts";

type Query = Pick<TestDatabase, "query">;

/** Moves all codes of a phone into the past, as if so much time had gone by. */
export async function age({ query }: Query, phoneNumber: string, seconds: number): Promise<void> {
  const moved = await query(
    `update verifications set created_at = created_at - make_interval(secs => $2),
       expires_at = expires_at - make_interval(secs => $2)
     where phone_number = $1 returning id`,
    [phoneNumber, seconds],
  );
  if (moved.length === 0) throw new Error(`There is no code of ${phoneNumber} to move.`);
}
