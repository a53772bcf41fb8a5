#!/usr/bin/env bash
# Builds opa from its Go module into .cache/opa-VERSION/ and prints the path of the binary. A second run costs nothing.
# With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../.."

version=1.22.3
folder=$PWD/.cache/opa-$version

if [ "${1:-}" != --path ] && [ ! -x "$folder/opa" ]; then
  command -v go >/dev/null || {
    echo 'opa is built from source: put Go 1.25 or later on the PATH' >&2
    exit 1
  }
  # Built beside its place and renamed: an interrupted build leaves nothing that looks finished.
  mkdir -p .cache
  building=$(mktemp -d "$PWD/.cache/opa-$version.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  GOBIN=$building CGO_ENABLED=0 nice -n 10 go install "github.com/open-policy-agent/opa@v$version" >&2
  mkdir -p "$folder"
  mv "$building/opa" "$folder/opa"
fi
printf '%s\n' "$folder/opa"
