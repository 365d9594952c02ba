#!/usr/bin/env bash
# Ingest: reading every DICOM file of a data set, scaling it to 224×224 and storing
# it, ours against the loop of the notebook that this project replaces (pydicom and
# OpenCV in one process, on one core). Same files, in turns, each from an empty cache
# of ours and with the files in the system's. PYTHON names a Python with pydicom and
# OpenCV (Debian: python3-pydicom python3-opencv). Prints every turn, the median
# ratio for each number of cores (above 1: ours is faster), the peak of memory, and
# how long the 147,218 files of RSNA 2024 would take.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3} turns=${TURNS:-3} studies=${STUDIES:-40} size=${SIZE:-320}
source .libtorch/env
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
go test -c -o "$work/ours" ./stages/preprocess
bin/runner data synth "$work/data" --studies "$studies" --size "$size" | head -1
find "$work/data" -name '*.dcm' | sort >"$work/files"
all=147218 cores=() n=1
while ((n <= $(nproc))); do cores+=("$n") && n=$((n * 2)); done
cat $(<"$work/files") >/dev/null
echo "$(wc -l <"$work/files") files, $(du -sh "$work/data" | cut -f1), $(nproc) cores, $turns turns"
for ((turn = 1; turn <= turns; turn++)); do
  read -r files seconds mean versions peak <<<"$(taskset -c 0 /usr/bin/env time -f '%M' "$python" bench/ingest/notebook.py "$work/files" "$work/out.npy" 2>&1 | tr '\n' ' ')"
  theirs=$(awk -v f="$files" -v s="$seconds" 'BEGIN {printf "%.1f", f / s}')
  echo "turn $turn: notebook: $theirs files/s, peak $((peak / 1024)) MB, mean $mean ($versions)"
  for n in "${cores[@]}"; do
    ours=$(VERTEBRA_INGEST="$work/files" GOMAXPROCS=$n taskset -c "0-$((n - 1))" /usr/bin/env time -f 'peak %M' \
      "$work/ours" -test.run '^$' -test.bench '^BenchmarkIngest$' -test.benchtime 1x 2>&1)
    rate=$(awk '/files\/s/ {for (i = 2; i <= NF; i++) if ($i == "files/s") print $(i-1)}' <<<"$ours")
    same=$(awk '/mean/ {for (i = 2; i <= NF; i++) if ($i == "mean") print $(i-1)}' <<<"$ours")
    peak=$(awk '/^peak/ {printf "%.0f", $2 / 1024}' <<<"$ours")
    awk -v a="$mean" -v b="$same" 'BEGIN {exit !(a - b < 1e-4 && b - a < 1e-4)}' || { echo "the pixels differ: mean $same, the notebook's is $mean"; exit 1; }
    ratio=$(awk -v a="$rate" -v b="$theirs" 'BEGIN {printf "%.2f", a / b}')
    echo "$n $ratio $rate $theirs" >>"$work/ratios"
    echo "turn $turn: ours on $n cores: $rate files/s, peak $peak MB, mean $same; ratio $ratio"
  done
done
for n in "${cores[@]}"; do
  awk -v n="$n" '$1 == n {print $2, $3, $4}' "$work/ratios" | sort -n | awk -v n="$n" -v all="$all" '{r[NR] = $1; a[NR] = $2; b[NR] = $3}
    END {m = int((NR + 1) / 2); printf "%d cores: median ratio %s; %d files: ours %.1f min, the notebook %.1f min\n", n, r[m], all, all / a[m] / 60, all / b[m] / 60}'
done
