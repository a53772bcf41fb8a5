#!/bin/sh
# Runs against etcd (Debian package etcd-server).
exec "$(dirname "$0")/build.sh" kube-apiserver
