#!/bin/sh
# Installs moto's server, which answers the AWS API (ELBv2 among it), and prints the path of moto_server.
set -eu
version=5.2.5
bin=$("$(dirname "$0")/python-program.sh" moto "$version" "moto[server,elbv2,ec2]==$version")
echo "$bin/moto_server"
