#!/bin/sh
# Installs the linters of workflow files, pinned in workflow-linters.txt, and prints the folder of their executables.
# Needs python3 with venv. A second run costs nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
pins="$here/workflow-linters.txt"
target="$root/.cache/workflow-linters-$(cksum < "$pins" | tr ' ' '-')"

if [ ! -e "$target/installed" ]; then
  command -v python3 >/dev/null || {
    echo "workflow-linters.sh: python3 is not on the PATH: install python3 and python3-venv" >&2
    exit 1
  }
  rm -rf "$target"
  python3 -m venv "$target" >&2
  "$target/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins" >&2
  touch "$target/installed"
fi
echo "$target/bin"
