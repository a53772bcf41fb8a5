#!/usr/bin/env bash
# go-peer.sh NAME MODULE VERSION PACKAGE [--path]: a program of a Go module in .cache/NAME-VERSION/, for benchmarks.
# It is built as a requirement of a module of ours, since "go install" refuses modules that replace others.
set -euo pipefail
name=$1 module=$2 version=$3 package=$4
folder=$PWD/.cache/$name-$version

if [ "${5:-}" != --path ] && [ ! -x "$folder/$name" ]; then
  command -v go >/dev/null || {
    echo "$name is built from source: put Go 1.26 or later on the PATH" >&2
    exit 1
  }
  # Built beside its place and renamed: an interrupted build leaves nothing that looks finished.
  mkdir -p .cache
  building=$(mktemp -d "$PWD/.cache/$name-$version.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  printf 'module peer\n\ngo 1.26.0\n\nrequire %s v%s\n' "$module" "$version" >"$building/go.mod"
  (cd "$building" && GOFLAGS=-mod=mod CGO_ENABLED=0 nice -n 10 go build -buildvcs=false -trimpath -o "$name" "$package") >&2
  mkdir -p "$folder"
  mv "$building/$name" "$folder/$name"
fi
printf '%s\n' "$folder/$name"
