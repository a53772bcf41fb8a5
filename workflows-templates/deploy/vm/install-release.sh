#!/usr/bin/env bash
# Runs on the machine, fed by deploy/deploy: unpacks the release beside the old one, moves the link, restarts the unit,
# and waits until it answers with the new digest.
set -euo pipefail

folder=$1 sum=$2 unit=$3 colour=$4 port=$5
release="$folder/releases/$sum"

# A folder that has its name is complete: it gets it last.
if ! test -d "$release"; then
  echo "$sum  $folder/incoming.tar.gz" | sha256sum --check --quiet
  rm -rf "$release.new"
  mkdir "$release.new"
  tar --extract --gzip --file "$folder/incoming.tar.gz" --directory "$release.new"
  mv "$release.new" "$release"
fi
rm -f "$folder/incoming.tar.gz"

printf 'APP_DIGEST=sha256:%s\nAPP_COLOUR=%s\nPORT=%s\n' "$sum" "$colour" "$port" > "$folder/env"
ln -sfn "$release" "$folder/current.new"
mv -T "$folder/current.new" "$folder/current"
sudo systemctl restart "$unit"

for _ in $(seq 60); do
  if curl --silent --fail --max-time 2 "http://127.0.0.1:$port/health" | grep --quiet --fixed-strings "$sum"; then
    find "$folder/releases" -mindepth 1 -maxdepth 1 ! -name "$sum" -mtime +7 -exec rm -rf {} +
    exit 0
  fi
  sleep 1
done
systemctl status --no-pager --lines=30 "$unit" >&2 || true
echo "$unit did not answer http://127.0.0.1:$port/health with the digest sha256:$sum within 60 s" >&2
exit 1
