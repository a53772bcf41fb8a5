#!/usr/bin/env bash
# Installs squawk from npm into .cache/squawk-VERSION/ and prints the folder of its program, for PATH. A second run costs
# nothing. With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../.."

version=2.66.0
folder=$PWD/.cache/squawk-$version

if [ "${1:-}" != --path ] && [ ! -e "$folder/node_modules/squawk-cli/package.json" ]; then
  # Installed beside its place and renamed: an interrupted installation leaves nothing that looks finished.
  mkdir -p .cache
  installing=$(mktemp -d "$PWD/.cache/squawk-$version.XXXXXX")
  trap 'rm -rf "$installing"' EXIT
  npm install --prefix "$installing" --ignore-scripts --no-audit --no-fund --loglevel=error "squawk-cli@$version" >&2
  rm -rf "$folder"
  mv "$installing" "$folder"
fi
printf '%s\n' "$folder/node_modules/.bin"
