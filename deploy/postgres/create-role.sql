-- The role and the database of the service, for psql: psql --set=password=SECRET --file=deploy/postgres/create-role.sql
-- The role owns its database, since it creates and changes the tables, and may do nothing else on the server.
create role holdfast login nosuperuser nocreatedb nocreaterole noreplication password :'password';
create database holdfast owner holdfast;
revoke all on database holdfast from public;
-- Lets the dashboard see how long queries of others take. Without it, it sees those of the service.
grant pg_read_all_stats to holdfast;
