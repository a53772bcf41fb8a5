#!/bin/sh
# Installs moto's server, which answers the AWS API (ELBv2 among it), and prints the path of moto_server. Needs python3 with venv.
set -eu

version=5.2.5
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/moto-$version"

if [ ! -e "$target/installed" ]; then
  command -v python3 >/dev/null || { echo "moto.sh: python3 is not on the PATH: install python3 and python3-venv" >&2; exit 1; }
  rm -rf "$target"
  python3 -m venv "$target" >&2
  "$target/bin/pip" install --quiet --disable-pip-version-check "moto[server,elbv2,ec2]==$version" >&2
  touch "$target/installed"
fi
echo "$target/bin/moto_server"
