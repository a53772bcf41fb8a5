#!/usr/bin/env bash
# Installs newman from npm into .cache/newman-VERSION/ and prints the path of its program for Node. A second run costs
# nothing. With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../../.."

version=6.2.2
folder=$PWD/.cache/newman-$version

if [ "${1:-}" != --path ] && [ ! -e "$folder/node_modules/newman/package.json" ]; then
  # Installed beside its place and renamed: an interrupted installation leaves nothing that looks finished.
  mkdir -p .cache
  installing=$(mktemp -d "$PWD/.cache/newman-$version.XXXXXX")
  trap 'rm -rf "$installing"' EXIT
  npm install --prefix "$installing" --ignore-scripts --no-audit --no-fund --loglevel=error "newman@$version" >&2
  rm -rf "$folder"
  mv "$installing" "$folder"
fi
printf '%s\n' "$folder/node_modules/newman/bin/newman.js"
