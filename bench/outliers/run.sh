#!/bin/sh
# Trains the demo with several seeds and asks its nets about odd images, from bin/runner.
# PYTHON: one with numpy, scipy, pandas, scikit-learn and pydicom. SEEDS.
set -e
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin/runner data synth "$work/synth" --defects all >/dev/null
"$python" bench/outliers/odd_images.py "$work/synth" "$work"
sed "s,root: ../data/synth,root: synth," experiments/demo.yaml > "$work/demo.yaml"
at="--db $work/results.db --runs $work/runs"
files=
for seed in ${SEEDS:-42 43 44}; do
  bin/runner run "$work/demo.yaml" $at --cache "$work/cache" --reports "$work/reports" --threads 1 --set seed=$seed --set 'evaluate.outliers={}' >/dev/null 2>&1
  bin/runner predict latest "$work/demo.yaml" $at --split test -o "$work/test-$seed.csv" 2>/dev/null
  bin/runner predict latest "$work/odd.csv" $at -o "$work/odd-$seed.csv" 2>/dev/null
  files="$files $work/test-$seed.csv $work/odd-$seed.csv"
done
"$python" bench/outliers/score.py $files
