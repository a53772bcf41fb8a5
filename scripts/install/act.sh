#!/bin/sh
# Builds act, another runner of workflows: go-program.sh says how. With --path it only prints where it is.
exec "$(dirname "$0")/go-program.sh" act 0.2.89 github.com/nektos/act "$@"
