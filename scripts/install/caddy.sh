#!/usr/bin/env bash
# Builds Caddy from its Go module into .cache/caddy-VERSION/ and prints the path of the binary. A second run costs nothing.
# With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../.."

version=2.11.9
folder=$PWD/.cache/caddy-$version

if [ "${1:-}" != --path ] && [ ! -x "$folder/caddy" ]; then
  command -v go >/dev/null || {
    echo 'Caddy is built from source: put Go 1.25 or later on the PATH' >&2
    exit 1
  }
  # Built beside its place and renamed: an interrupted build leaves nothing that looks finished.
  mkdir -p .cache
  building=$(mktemp -d "$PWD/.cache/caddy-$version.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  GOBIN=$building CGO_ENABLED=0 nice -n 10 go install "github.com/caddyserver/caddy/v2/cmd/caddy@v$version" >&2
  mkdir -p "$folder"
  mv "$building/caddy" "$folder/caddy"
fi
printf '%s\n' "$folder/caddy"
