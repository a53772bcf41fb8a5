#!/bin/sh
# What the deploy scripts of Kubernetes call.
exec "$(dirname "$0")/build.sh" kubectl
