#!/bin/bash
# Trains experiments/find-points.yaml on synthetic studies, and predicts others of which nobody
# says where their points lie: with points that the run finds, and with the true ones.
# PYTHON is one with numpy and pandas. Files go to a folder of their own, which is the argument.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
export PATH="$PWD/bin:$PATH"
places=(--db "$work/results.db" --runs "$work/runs" --cache "$work/cache")
runner data synth "$work/data" --studies 60 --test 20
test -d "$work/runs" || runner run experiments/find-points.yaml --set data.source.rsna.root="$work/data" "${places[@]}" --reports "$work/reports"
part=(find-points experiments/find-points.yaml --set data.source.rsna.root="$work/data" --set data.source.rsna.part=test "${places[@]}")
like=(--like "$work/data/sample_submission.csv")
runner locate "${part[@]}" -o "$work/points.csv"
runner predict "${part[@]}" "${like[@]}" -o "$work/found.csv"
runner predict "${part[@]}" "${like[@]}" --set data.source.rsna.coordinates="$work/data/test_label_coordinates.csv" -o "$work/marked.csv"
"${PYTHON:-python3}" bench/points/score.py "$work"
