#!/bin/sh
# Records runs of mmfuzz on this machine's kernel: one log a mode and seed, OUT/MODE-SEED.strace.xz.
#
#   tests/tools/record-mmfuzz.sh OUT PROGRAM STEPS MODE SEED [MODE SEED]...
#
# PROGRAM is mmfuzz (the walk of the reference logs) or mmfuzz2 (more calls; it tells its addresses by itself).
# The flags of gcc matter: the model of mmfuzz knows the code that -O1 makes (MmfuzzImage). RAW=1 records registers
# alone (MODE-SEED.raw.xz), which shows the addresses that the model must foresee.
set -eu

if [ $# -lt 5 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi

for tool in gcc strace setarch xz; do
    command -v "$tool" > /dev/null || { echo "record-mmfuzz: $tool is not installed" >&2; exit 3; }
done

out=$1 program=$2 steps=$3
shift 3
source=$(dirname "$0")/mmfuzz/$program.c
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
gcc -O1 -static -w -o "$scratch/$program" "$source"

cd "$scratch"
while [ $# -ge 2 ]; do
    name=$1-$2
    if [ "${RAW:-0}" = 1 ]; then
        env -i setarch -R strace -f -qq -e raw=all -o log "./$program" "$2" "$steps" "$1"
        xz -9e -c log > "$out/$name.raw.xz"
    else
        env -i setarch -R strace -f -qq -v -s 8192 -o log "./$program" "$2" "$steps" "$1"
        xz -9e -c log > "$out/$name.strace.xz"
    fi
    rm -f log data f0 f1
    shift 2
done
