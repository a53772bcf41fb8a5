#!/bin/sh
# Installs the AWS command line, which the deploy scripts of ECS call, and prints the path of aws.
set -eu
version=1.45.11
bin=$("$(dirname "$0")/python-program.sh" awscli "$version" "awscli==$version")
echo "$bin/aws"
