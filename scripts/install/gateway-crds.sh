#!/bin/sh
# Takes the Gateway API's standard CRDs out of its Go module and prints the folder they are in. Needs go.
set -eu

version=1.7.0
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/gateway-crds-$version"

if [ ! -d "$target" ]; then
  command -v go >/dev/null || { echo "gateway-crds.sh: go is not on the PATH: install Go 1.26 or newer" >&2; exit 1; }
  module=$(go mod download -json "sigs.k8s.io/gateway-api@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  rm -rf "$target.part"
  cp -R "$module/config/crd/standard" "$target.part"
  chmod -R u+w "$target.part"
  mv "$target.part" "$target"
fi
echo "$target"
