#!/bin/sh
# Builds act, another runner of workflows, from its Go module and prints the path of the binary. Needs go.
set -eu

version=0.2.89
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/act-$version"

if [ ! -x "$target/act" ]; then
  command -v go >/dev/null || { echo "act.sh: go is not on the PATH: install Go 1.26 or newer" >&2; exit 1; }
  GOBIN="$target" CGO_ENABLED=0 nice -n 10 go install "github.com/nektos/act@v$version" >&2
fi
echo "$target/act"
