#!/bin/sh
# Trains a net over slices with the runner and with PyTorch in turns, from bin/runner.
# PYTHON: one with the same libtorch, numpy and Pillow. SERIES, EPOCHS, TURNS, THREADS.
set -e
cd "$(dirname "$0")"
python=${PYTHON:-/usr/bin/python3}
series=${SERIES:-100} epochs=${EPOCHS:-3} turns=${TURNS:-5} threads=${THREADS:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" data.py "$work/data" "$series"
cat > "$work/slices.yaml" <<END
name: slices
purpose: How fast does a net learn from series of 9 slices?
data:
  source: {table: {file: data/series.csv, group: patient, labels: [grade], classes: ["0", "1", "2"]}}
  split: {by: study, validation: 0.2}
preprocess: [decode, {window: {by: range, range: [0, 255]}}, {stack: {slices: 9, reach: series}}, {resize: {pixels: 64}}]
augment: [{flip: {horizontal: 0.5}}, {shift: {by: 0.1}}]
model: {backbone: resnet18, slices: lstm}
train:
  batch: 8
  optimizer: {adam: {rate: 1e-3}}
  phases: [{name: all, train: [all], epochs: $epochs}]
evaluate: {metrics: [loss], intervals: {resamples: 0}}
END
. ../turns.sh
turns series slices.yaml "$python" pytorch.py "$work/data" "$epochs" 8 "$threads"
