#!/usr/bin/env bash
# Ingest: reading every DICOM file of a data set, scaling it to 224×224 and storing
# it, ours against the loop of the notebook that this project replaces (pydicom and
# OpenCV in one process, on one core): the loop alone, which leaves a list in memory,
# and all that it does until training can read its images. Ours is measured in memory
# too, where it does no more than that loop. Same files, in turns, each from an empty cache of ours and with
# the files in the system's. PYTHON names a Python with pydicom and OpenCV (Debian:
# python3-pydicom python3-opencv). Prints every turn; for each number of cores the
# median ratios (above 1: ours is faster) by the clock and, on one core, by processor
# time, which other programs disturb less; the peak of memory; and how long the
# 147,218 files of RSNA 2024 would take.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3} turns=${TURNS:-3} studies=${STUDIES:-40} size=${SIZE:-320} all=147218
source .libtorch/env
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
go test -c -o "$work/ours" ./stages/preprocess
bin/runner data synth "$work/data" --studies "$studies" --size "$size" | head -1
find "$work/data" -name '*.dcm' | sort >"$work/files"
cores=() n=1
while ((n <= $(nproc))); do cores+=("$n") && n=$((n * 2)); done
cat $(<"$work/files") >/dev/null
echo "$(wc -l <"$work/files") files, $(du -sh "$work/data" | cut -f1), $(nproc) cores, $turns turns"

# metric NAME: the number before a unit in the benchmark's line.
metric() { awk -v unit="$1" '/files\/s/ {for (i = 2; i <= NF; i++) if ($i == unit) print $(i-1)}' <<<"$ours"; }
# alike: both sides must have the same pixels, but for rounding.
alike() { awk -v a="$mean" -v b="$same" 'BEGIN {exit !(a - b < 1e-4 && b - a < 1e-4)}' || { echo "the pixels differ: mean $same, the notebook's is $mean"; exit 1; }; }
# median: of the numbers that come in.
median() { sort -n | awk '{a[NR] = $1} END {printf "%.2f", NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2}'; }

for ((turn = 1; turn <= turns; turn++)); do
  read -r files read1 cpu1 read2 cpu2 mean versions peak <<<"$(taskset -c 0 /usr/bin/env time -f '%M' "$python" bench/ingest/notebook.py "$work/files" "$work" 2>&1 | tr '\n' ' ')"
  awk -v turn="$turn" -v f="$files" -v a="$read1" -v b="$read2" -v c="$cpu1" -v d="$cpu2" -v m="$peak" -v v="$versions" 'BEGIN {
    printf "turn %d: notebook: %.0f files/s, with storing %.0f; %.0f and %.0f µs of processor a file; peak %d MB (%s)\n", turn, f / a, f / (a + b), 1e6 * c / f, 1e6 * (c + d) / f, m / 1024, v}'
  ours=$(VERTEBRA_INGEST="$work/files" GOMAXPROCS=1 taskset -c 0 "$work/ours" -test.run '^$' -test.bench '^BenchmarkInMemory$' -test.benchtime 1x 2>&1)
  rate=$(metric files/s) cpu=$(metric cpu-µs/file) same=$(metric mean)
  alike
  echo "turn $turn: ours in memory, on one core: $rate files/s; $cpu µs of processor a file"
  awk -v f="$files" -v r="$rate" -v p="$cpu" -v a="$read1" -v c="$cpu1" 'BEGIN {print "memory", r * a / f, 1e6 * c / f / p}' >>"$work/ratios"
  for n in "${cores[@]}"; do
    ours=$(VERTEBRA_INGEST="$work/files" GOMAXPROCS=$n taskset -c "0-$((n - 1))" /usr/bin/env time -f 'peak %M' \
      "$work/ours" -test.run '^$' -test.bench '^BenchmarkIngest$' -test.benchtime 1x 2>&1)
    rate=$(metric files/s) cpu=$(metric cpu-µs/file) same=$(metric mean) peak=$(awk '/^peak/ {printf "%.0f", $2 / 1024}' <<<"$ours")
    alike
    echo "turn $turn: ours on $n cores: $rate files/s; $cpu µs of processor a file; peak $peak MB"
    awk -v n="$n" -v f="$files" -v r="$rate" -v p="$cpu" -v a="$read1" -v b="$read2" -v c="$cpu1" -v d="$cpu2" 'BEGIN {
      print n, r * a / f, r * (a + b) / f, 1e6 * c / f / p, 1e6 * (c + d) / f / p, r, f / a, f / (a + b)}' >>"$work/ratios"
  done
done
column() { awk -v k="$1" '$1 == "memory" {print $k}' "$work/ratios" | median; }
echo "in memory, one core: median ratio $(column 2) to the loop, by processor time $(column 3)"
for n in "${cores[@]}"; do
  column() { awk -v n="$n" -v k="$1" '$1 == n {print $k}' "$work/ratios" | median; }
  echo "$n cores: median ratio $(column 2) to the loop, $(column 3) with storing; by processor time $(column 4) and $(column 5)"
  awk -v all="$all" -v o="$(column 6)" -v a="$(column 7)" -v b="$(column 8)" 'BEGIN {
    printf "  %d files: ours %.1f min, the notebook %.1f min, with storing %.1f min\n", all, all / o / 60, all / a / 60, all / b / 60}'
done
