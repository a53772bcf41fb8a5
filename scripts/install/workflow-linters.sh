#!/bin/sh
# Installs the linters of workflow files, pinned in workflow-linters.txt, and prints the folder of their programs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
pins=$here/workflow-linters.txt
exec "$here/python-program.sh" workflow-linters "$(cksum < "$pins" | tr ' ' '-')" --requirement "$pins"
