#!/usr/bin/env bash
# Builds k6 from its Go module into .cache/k6-VERSION/ and prints the path of the binary. A second run costs nothing.
# With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../../.."
exec bash scripts/install/peers/go-peer.sh k6 go.k6.io/k6 1.8.1 go.k6.io/k6 "$@"
