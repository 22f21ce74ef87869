#!/usr/bin/env bash
# Explores the small copies of the built-in scenarios in tests/tools/small: every seed with other free decisions, all
# invariants after every round, contents known byte by byte.
#   tests/tools/small-copies.sh [FOLDER] [FIRST] [LAST] [NAME...]
# Without more it is seeds 1 to 1,000 of all of them. Results are kept in FOLDER; an exploration that was interrupted
# goes on where it was. Ends with 1 if anything was found. LINUXMEM may name the command to use, WORKERS how many runs
# are made at a time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d)}
first=${2:-1}
last=${3:-1000}
shift $(($# < 3 ? $# : 3))
linuxmem=${LINUXMEM:-$here/../../src/LinuxMem.Cli/bin/Release/net10.0/linuxmem}
[ -x "$linuxmem" ] || dotnet build "$here/../../src/LinuxMem.Cli" -c Release -v q --nologo
[ $# -gt 0 ] || set -- $(cd "$here/small" && ls -- *.json | sed 's/\.json$//')
mkdir -p "$folder"
found=0
for name in "$@"; do
  report=$folder/$name.$first-$last
  "$linuxmem" explore "$here/small/$name.json" --seeds "$first..$last" --workers "${WORKERS:-1}" --quiet \
    --out "$report.explore" > "$report.txt" || found=1
  echo "$(date -u +%T) $(head -n 1 "$report.txt"), $(tail -n 1 "$report.txt")"
done
exit $found
