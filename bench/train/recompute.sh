#!/usr/bin/env bash
# A training step of a backbone as it is, and with train.compute: {recompute: true}, in turns: images
# a second and peak memory of the process. NETS names backbones; BENCH_BATCH, BENCH_SIZE and
# BENCH_THREADS say how; STEPS are those of a turn.
set -euo pipefail
cd "$(dirname "$0")/../.."
turns=${TURNS:-3} steps=${STEPS:-3}
export BENCH_BATCH=${BENCH_BATCH:-16} BENCH_SIZE=${BENCH_SIZE:-128} BENCH_THREADS=${BENCH_THREADS:-1}
source .libtorch/env
binary=$(mktemp) && trap 'rm -f "$binary"' EXIT
go test -c -o "$binary" ./stages/model
step() { # net, whether layers are computed again: images/s, images/cpu-s and MB
  (cd stages/model && BENCH_RECOMPUTE=$2 /usr/bin/env time -f 'peak %M' "$binary" -test.run '^$' -test.bench "Step/^$1\$" -test.benchtime "${steps}x" 2>&1) |
    awk '/^Benchmark/ {for (i = 2; i <= NF; i++) {if ($i == "images/s") rate = $(i-1); if ($i == "images/cpu-s") cpu = $(i-1)}} /^peak/ {peak = $2 / 1024} END {printf "%s %s %.0f\n", rate, cpu, peak}'
}
echo "batch $BENCH_BATCH, $BENCH_SIZE² pixels, $BENCH_THREADS threads, $(uname -m), $turns turns of $steps steps"
for net in ${NETS:-resnet50 vit_s_16}; do
  for ((turn = 1; turn <= turns; turn++)); do
    read -r kept kept_cpu kept_peak <<<"$(step "$net" 0)"
    read -r again again_cpu again_peak <<<"$(step "$net" 1)"
    awk -v net="$net" -v turn="$turn" -v k="$kept" -v kc="$kept_cpu" -v km="$kept_peak" -v a="$again" -v ac="$again_cpu" -v am="$again_peak" 'BEGIN {
      printf "%s turn %d: kept %s images/s, %s by processor time, %d MB; computed again %s, %s, %d MB; time %.2f, %.2f by processor, memory %.2f\n", net, turn, k, kc, km, a, ac, am, k / a, kc / ac, am / km}'
  done
done
