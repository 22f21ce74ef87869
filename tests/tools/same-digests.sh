#!/usr/bin/env bash
# Explores the same random machines in many ways, and compares what is told of them byte by byte, with the digest of all
# results at its end: with 1 and 2 workers, 1 and 2 threads, another window, as Release and as Debug, in other cultures and time zones, with faults and without.
#   tests/tools/same-digests.sh [SEEDS] [FOLDER] [FIRST]
# Machines are audited at their ends only: what is compared are digests. One process a configuration. An exploration that
# was interrupted goes on where it was, with the same FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
seeds=${1:-20000}
folder=${2:-$(mktemp -d)}
first=${3:-1}
mkdir -p "$folder"
for build in Release Debug; do
  [ -x "$folder/$build/linuxmem" ] || dotnet build src/LinuxMem.Cli -c $build -v q --nologo -o "$folder/$build" > "$folder/build.$build.log"
done
explore() { # NAME BUILD OPTIONS...
  local name=$1 build=$2
  shift 2
  echo "$(date -u +%T) $name"
  "$folder/$build/linuxmem" explore --generate --seeds "$first..$((first + seeds - 1))" --audit end --quiet \
    --out "$folder/$name" "$@" > "$folder/$name.txt" || true
}
same() { # NAME OF
  cmp "$folder/$1.txt" "$folder/$2.txt" && echo "equal: $1 and $2"
}
explore plain Release --workers 1
explore workers Release --workers 2
same workers plain
explore window Release --workers 1 --set engine.windowNs=777
same window plain
explore threads Release --workers 1 --threads 2
same threads plain
TZ=Pacific/Auckland LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 explore abroad Release --workers 2
same abroad plain
explore debug Debug --workers 2
same debug plain
explore swarm Release --swarm --workers 1
explore swarm-workers Release --swarm --workers 2 --threads 2
same swarm-workers swarm
tail -n 1 "$folder/plain.txt" "$folder/swarm.txt"
