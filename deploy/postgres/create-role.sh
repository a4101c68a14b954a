#!/bin/sh
# Run by the PostgreSQL image once, when the volume is empty.
set -eu
psql --username=postgres --dbname=postgres --no-psqlrc --set=ON_ERROR_STOP=1 \
  --set=password="$DATABASE_PASSWORD" --file=/etc/holdfast/create-role.sql
