#!/usr/bin/env bash
# Builds Hurl from its crate into .cache/hurl-VERSION/ and prints the path of the binary. A second run costs nothing.
# With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../../.."

version=8.0.1
folder=$PWD/.cache/hurl-$version

if [ "${1:-}" != --path ] && [ ! -x "$folder/hurl" ]; then
  command -v cargo >/dev/null || {
    echo 'Hurl is built from source: put Rust 1.95 or later on the PATH' >&2
    exit 1
  }
  # Built beside its place and renamed: an interrupted build leaves nothing that looks finished.
  mkdir -p .cache
  building=$(mktemp -d "$PWD/.cache/hurl-$version.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  nice -n 10 cargo install --quiet --locked --root "$building" --no-track --bin hurl "hurl@$version" >&2
  mkdir -p "$folder"
  mv "$building/bin/hurl" "$folder/hurl"
fi
printf '%s\n' "$folder/hurl"
