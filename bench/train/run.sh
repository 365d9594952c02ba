#!/usr/bin/env bash
# One training step of ResNet-18 and ResNet-50, or of the backbones that NETS names, ours
# against eager PyTorch on the same libtorch and with as many threads, in turns. PYTHON names a Python whose torch
# is the libtorch that the program was built against (Debian: python3-torch). Prints
# every turn and the median ratio, on the clock and by processor time; a ratio above 1
# means that ours is faster.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3} turns=${TURNS:-5} seconds=${SECONDS_EACH:-6}
export BENCH_BATCH=${BENCH_BATCH:-8} BENCH_SIZE=${BENCH_SIZE:-64} BENCH_THREADS=${BENCH_THREADS:-1}
source .libtorch/env
binary=$(mktemp) && trap 'rm -f "$binary"' EXIT
go test -c -o "$binary" ./stages/model
echo "batch $BENCH_BATCH, $BENCH_SIZE² pixels, $BENCH_THREADS threads, $(uname -m), $turns turns of $seconds s"
for net in ${NETS:-resnet18 resnet50}; do
  ratios=() cpu_ratios=()
  for ((turn = 1; turn <= turns; turn++)); do
    ours=$(cd stages/model && /usr/bin/env time -f 'peak %M' "$binary" -test.run '^$' -test.bench "Step/^$net\$" -test.benchtime "${seconds}s" 2>&1)
    metric() { awk -v unit="$1" '/^Benchmark/ {for (i = 2; i <= NF; i++) if ($i == unit) print $(i-1)}' <<<"$ours"; }
    rate=$(metric images/s) cpu=$(metric images/cpu-s)
    peak=$(awk '/^peak/ {printf "%.0f", $2 / 1024}' <<<"$ours")
    read -r theirs their_cpu their_peak version <<<"$("$python" bench/train/peer.py "$net" "$seconds")"
    ratio=$(awk -v a="$rate" -v b="$theirs" 'BEGIN {printf "%.3f", a / b}')
    cpu_ratio=$(awk -v a="$cpu" -v b="$their_cpu" 'BEGIN {printf "%.3f", a / b}')
    ratios+=("$ratio") cpu_ratios+=("$cpu_ratio")
    echo "$net turn $turn: ours $rate images/s ($cpu by processor time), $peak MB; PyTorch $theirs ($their_cpu), $their_peak MB ($version); ratio $ratio ($cpu_ratio)"
  done
  median() { printf '%s\n' "$@" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
  echo "$net: median ratio $(median "${ratios[@]}"), by processor time $(median "${cpu_ratios[@]}")"
done
echo "frozen prefix: an epoch of a phase that trains the head of resnet18, outputs of the frozen layers reused against computed again"
go test -run '^$' -bench FrozenPrefix -benchtime "${EPOCHS:-5}x" ./stages/train | awk '/^Benchmark/ {for (i = 3; i < NF; i += 2) if ($(i+1) !~ /ns/) printf "%s %s\n", $i, $(i+1)}'
