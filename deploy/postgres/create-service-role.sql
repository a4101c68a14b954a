-- A role for the service that may not change the schema, beside the role "holdfast" of create-role.sql, which then only
-- migrates. Run it as a superuser, once:
--   psql --set=password=SECRET --file=deploy/postgres/create-service-role.sql
-- Its rights on the tables come from the service itself: at each start with MIGRATION_DATABASE_URL it brings the schema
-- up to date as "holdfast" and gives this role what it needs, table by table (api/store/grant-rights.ts).
create role ticket_service login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls
  connection limit 200 password :'password';
grant connect on database holdfast to ticket_service;
