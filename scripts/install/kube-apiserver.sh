#!/bin/sh
# Builds kube-apiserver from its Go modules and prints the path of the binary. Needs go; etcd (Debian package etcd-server) is what it runs against.
set -eu

version=1.36.1
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/kube-apiserver-$version"
binary="$target/kube-apiserver"

if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo "kube-apiserver.sh: go is not on the PATH: install Go 1.26 or newer" >&2; exit 1; }

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
printf 'package build\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver/app"\n' >build.go

GOFLAGS=-mod=mod CGO_ENABLED=0 nice -n 10 go build -o "$binary.part" k8s.io/kubernetes/cmd/kube-apiserver >&2
mv "$binary.part" "$binary"
rm -rf "$scratch"
echo "$binary"
