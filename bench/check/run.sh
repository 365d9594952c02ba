#!/usr/bin/env bash
# How long check takes over 2,000 studies with 50,000 labelled points in 66,000 files,
# once the cache knows their headers; and how long the program takes to start, which
# is loading libtorch. DATA keeps the data set (1 GB) for another time.
set -euo pipefail
cd "$(dirname "$0")/../.."
source .libtorch/env
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
data=${DATA:-$work/data} turns=${TURNS:-9}
if [[ ! -e $data/train.csv ]]; then
  bin/runner data synth "$data" --studies 2000 --size 64
fi
check=(bin/runner check experiments/demo.yaml --set "data.source.rsna.root=$data" --cache "$work/cache")
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
timed() { /usr/bin/env time -f '%e s, of the CPU %U s user %S s system, %M kB' "$@" 2>&1 >/dev/null | tail -1; }

echo "$(uname -m), $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo)"
echo "first look, headers read: $(timed "${check[@]}")"
for ((turn = 1; turn <= turns; turn++)); do
  timed "${check[@]}" | tee -a "$work/check"
  timed bin/runner parts >>"$work/start"
done
echo "check: median $(median <"$work/check") s; start of the program: median $(median <"$work/start") s"
