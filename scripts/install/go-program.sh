#!/usr/bin/env bash
# go-program.sh NAME VERSION PACKAGE [--path]: builds a program from its Go module into .cache/NAME-VERSION/ and prints
# the path of the binary. A second run costs nothing. With --path it only prints that path.
set -euo pipefail
name=$1 version=$2 package=$3
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$root/.cache/$name-$version

if [ "${4:-}" != --path ] && [ ! -x "$folder/$name" ]; then
  command -v go >/dev/null || {
    echo "$name is built from source: put Go 1.26 or later on the PATH" >&2
    exit 1
  }
  # Built beside its place and renamed: an interrupted build leaves nothing that looks finished.
  mkdir -p "$root/.cache"
  building=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  GOBIN=$building CGO_ENABLED=0 nice -n 10 go install "$package@v$version" >&2
  mkdir -p "$folder"
  mv "$building/$name" "$folder/$name"
fi
printf '%s\n' "$folder/$name"
