#!/usr/bin/env bash
# Builds venom from its Go module into .cache/venom-VERSION/ and prints the path of the binary. A second run costs
# nothing. With --path it only prints that path.
set -euo pipefail
cd "${0%/*}/../../.."
exec bash scripts/install/peers/go-peer.sh venom github.com/ovh/venom 1.3.0 github.com/ovh/venom/cmd/venom "$@"
