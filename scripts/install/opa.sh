#!/bin/sh
# Builds opa: go-program.sh says how. With --path it only prints where it is.
exec "$(dirname "$0")/go-program.sh" opa 1.22.3 github.com/open-policy-agent/opa "$@"
