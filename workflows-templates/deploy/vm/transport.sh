# How files and commands get to a machine of settings.sh: over ssh, or "local" where the runner is that machine.
# Host keys are those of .github/known_hosts, where there is one, and nothing is learned.
# shellcheck shell=bash disable=SC2154

ssh_options=(-o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10)
if test -f .github/known_hosts; then ssh_options+=(-o "UserKnownHostsFile=$PWD/.github/known_hosts"); fi

# on MACHINE WORD…: runs a command there, word by word.
on() {
  local machine=$1
  shift
  if test "$machine" = local; then "$@"; else ssh "${ssh_options[@]}" -- "$machine" "$(printf '%q ' "$@")"; fi
}

# copy_to MACHINE FROM TO
copy_to() {
  if test "$1" = local; then cp "$2" "$3"; else scp -q "${ssh_options[@]}" "$2" "$1:$3"; fi
}

# The store of artifacts is MACHINE:FOLDER. What is there is never replaced: its name is its digest.
put_artifact() {
  local machine=${store%%:*} folder=${store#*:}
  on "$machine" mkdir -p "$folder"
  if on "$machine" test -f "$folder/$2"; then return; fi
  copy_to "$machine" "$1" "$folder/$2.new"
  on "$machine" mv "$folder/$2.new" "$folder/$2"
}
get_artifact() {
  local machine=${store%%:*} folder=${store#*:}
  if test "$machine" = local; then cp "$folder/$1" "$2"; else scp -q "${ssh_options[@]}" "$machine:$folder/$1" "$2"; fi
}
