#!/bin/sh
# Installs Django and Alembic with PostgreSQL's driver, and prints the folder of their programs.
set -eu
exec "$(dirname "$0")/python-program.sh" python-migrations 1 django==5.2.8 alembic==1.17.2 'psycopg[binary]==3.2.13'
