#!/bin/sh
# build.sh PROGRAM: builds a program of Kubernetes from its Go modules and prints the path of the binary. Needs go.
set -eu

version=1.36.1
program=${1:?usage: build.sh PROGRAM}
root=$(cd "$(dirname "$0")/../../.." && pwd)
target="$root/.cache/$program-$version"
binary="$target/$program"

if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo "$program.sh: go is not on the PATH: install Go 1.26 or newer" >&2; exit 1; }

scratch="$target/build"
mkdir -p "$scratch"
cd "$scratch"
# The module's own go.mod replaces its staging modules by folders that only its repository has; the published ones are version 0.x of the same number.
module=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
{
  echo 'module build'
  grep '^go ' "$module"
  echo "require k8s.io/kubernetes v$version"
  sed -n "s|^[[:space:]]*\(k8s.io/[a-z0-9-]*\) => ./staging/.*|replace \1 => \1 v0.${version#1.}|p" "$module"
} >go.mod
# A package of ours that imports it, so that go finds what it needs: a command itself cannot be imported.
printf 'package build\n\nimport _ "%s"\n' "$(case $program in kubectl) echo k8s.io/kubectl/pkg/cmd ;; *) echo "k8s.io/kubernetes/cmd/$program/app" ;; esac)" >build.go

GOFLAGS=-mod=mod CGO_ENABLED=0 nice -n 10 go build -o "$binary.part" "k8s.io/kubernetes/cmd/$program" >&2
mv "$binary.part" "$binary"
rm -rf "$scratch"
echo "$binary"
