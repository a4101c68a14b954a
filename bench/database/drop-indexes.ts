import type pg from "pg";

/**
 * Takes the indexes and foreign keys off a table, so that millions of rows can be written in seconds.
 *
 * @param table a name from this project
 * @returns a function that puts them back exactly as they were
 */
export async function dropIndexes(client: pg.Client, table: string): Promise<() => Promise<void>> {
  const { rows: constraints } = await client.query<{ name: string; definition: string }>(
    `select quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'f') order by contype desc`,
    [table],
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
      from pg_index where indrelid = $1::regclass
        and not exists (select 1 from pg_constraint where conindid = indexrelid and conrelid = indrelid)`,
    [table],
  );
  for (const { name } of constraints) await client.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  return async () => {
    await client.query("set maintenance_work_mem = '512MB'");
    for (const { name, definition } of constraints) {
      await client.query(`alter table ${table} add constraint ${name} ${definition}`);
    }
    for (const { definition } of indexes) await client.query(definition);
    await client.query("reset maintenance_work_mem");
  };
}
