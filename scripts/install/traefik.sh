#!/bin/sh
# Builds Traefik for tests from Go modules and prints the path of the binary; does nothing when it is there.
# Its go.mod replaces four modules by folders and forks that no module proxy serves, so thin stand-ins take their place:
# a binary for routing tests only (no ACME by DNS, no password logins, no rules in version 2 syntax).
set -eu
version=3.7.13
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder="$root/.cache/traefik-$version"
binary="$folder/traefik"
if [ -x "$binary" ] && "$binary" version >/dev/null 2>&1; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo 'traefik.sh: needs Go 1.26 or later on the PATH' >&2; exit 1; }

build="$folder/build"
rm -rf "$build"
mkdir -p "$build"
cd "$build"

# copy MODULE@VERSION FOLDER: the module as the proxy serves it, writable.
copy() {
  from=$(go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [ -n "$from" ] || { echo "traefik.sh: $1 could not be downloaded" >&2; exit 1; }
  cp -R "$from" "$2"
  chmod -R u+w "$2"
}

copy github.com/go-acme/lego/v5@v5.4.1 lego
rm -rf lego/providers/dns
mkdir lego/providers/dns
cp "$here/traefik/dns_none.go" lego/providers/dns/

copy github.com/gorilla/mux@v1.8.1 mux
cp "$here/traefik/routing_path.go" mux/

copy github.com/abbot/go-http-auth@v0.4.0 auth
cp "$here/traefik/no_auth.go" auth/
printf 'module github.com/abbot/go-http-auth\n\ngo 1.20\n' >auth/go.mod

mkdir ext
cp "$here/traefik/ext.go" ext/
printf 'module github.com/traefik/traefik/dynamic/ext\n\ngo 1.20\n' >ext/go.mod

cat >go.mod <<MODULE
module traefik-for-tests

go 1.26.0

require github.com/traefik/traefik/v3 v$version

replace (
	github.com/abbot/go-http-auth => ./auth
	github.com/go-acme/lego/v5 => ./lego
	github.com/gorilla/mux => ./mux
	github.com/traefik/traefik/dynamic/ext => ./ext
)

exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
MODULE

GOFLAGS=-mod=mod go build -buildvcs=false -trimpath -o "$binary.new" github.com/traefik/traefik/v3/cmd/traefik >&2
"$binary.new" version >&2
mv "$binary.new" "$binary"
cd "$root"
rm -rf "$build"
echo "$binary"
