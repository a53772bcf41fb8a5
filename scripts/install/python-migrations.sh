#!/bin/sh
# Installs Django and Alembic with PostgreSQL's driver, and prints the folder of their programs. Needs python3 with venv.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/python-migrations-1"

if [ ! -e "$target/installed" ]; then
  command -v python3 >/dev/null || { echo "python-migrations.sh: python3 is not on the PATH: install python3 and python3-venv" >&2; exit 1; }
  rm -rf "$target"
  python3 -m venv "$target" >&2
  "$target/bin/pip" install --quiet --disable-pip-version-check "django==5.2.8" "alembic==1.17.2" "psycopg[binary]==3.2.13" >&2
  touch "$target/installed"
fi
echo "$target/bin"
