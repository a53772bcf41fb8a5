#!/bin/sh
# Takes the Gateway API's standard CRDs out of its Go module and prints the folder they are in. Needs go.
set -eu

version=1.7.0
root=$(cd "$(dirname "$0")/../../.." && pwd)
target="$root/.cache/gateway-crds-$version"

if [ ! -d "$target" ]; then
  command -v go >/dev/null || { echo "gateway-crds.sh: go is not on the PATH: install Go 1.26 or newer" >&2; exit 1; }
  # The module names a newer Go than its YAML needs: go says so, exits with an error, and has unpacked it all the same.
  go mod download "sigs.k8s.io/gateway-api@v$version" 2>/dev/null || true
  module="$(go env GOMODCACHE)/sigs.k8s.io/gateway-api@v$version"
  [ -d "$module" ] || { echo "gateway-crds.sh: sigs.k8s.io/gateway-api v$version could not be downloaded" >&2; exit 1; }
  rm -rf "$target.part"
  cp -R "$module/config/crd/standard" "$target.part"
  chmod -R u+w "$target.part"
  mv "$target.part" "$target"
fi
echo "$target"
