#!/bin/sh
# Installs the AWS command line, which the deploy scripts of ECS call, and prints the path of aws. Needs python3 with venv.
set -eu

version=1.45.11
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/awscli-$version"

if [ ! -e "$target/installed" ]; then
  command -v python3 >/dev/null || { echo "awscli.sh: python3 is not on the PATH: install python3 and python3-venv" >&2; exit 1; }
  rm -rf "$target"
  python3 -m venv "$target" >&2
  "$target/bin/pip" install --quiet --disable-pip-version-check "awscli==$version" >&2
  touch "$target/installed"
fi
echo "$target/bin/aws"
