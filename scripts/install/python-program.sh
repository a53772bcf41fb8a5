#!/bin/sh
# python-program.sh NAME VERSION REQUIREMENT...: installs Python packages into .cache/NAME-VERSION/ and prints the folder
# of their programs. A second run costs nothing. Needs python3 with venv.
set -eu
name=$1 version=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/$name-$version"

if [ ! -e "$target/installed" ]; then
  command -v python3 >/dev/null || {
    echo "$name: python3 is not on the PATH: install python3 and python3-venv" >&2
    exit 1
  }
  rm -rf "$target"
  python3 -m venv "$target" >&2
  "$target/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
  touch "$target/installed"
fi
echo "$target/bin"
