#!/bin/sh
# Builds Caddy: go-program.sh says how. With --path it only prints where it is.
exec "$(dirname "$0")/go-program.sh" caddy 2.11.9 github.com/caddyserver/caddy/v2/cmd/caddy "$@"
