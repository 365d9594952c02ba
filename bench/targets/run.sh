#!/bin/sh
# Trains 14 targets with the runner and with PyTorch in turns, from bin/runner.
# PYTHON: one with the same libtorch, numpy and Pillow. IMAGES, EPOCHS, TURNS, THREADS.
set -e
cd "$(dirname "$0")"
python=${PYTHON:-/usr/bin/python3}
images=${IMAGES:-600} epochs=${EPOCHS:-3} turns=${TURNS:-5} threads=${THREADS:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" data.py "$work/data" "$images"
names=$("$python" -c 'print(", ".join(f"finding_{k}" for k in range(14)))')
cat > "$work/targets.yaml" <<END
name: targets
purpose: How fast does one net learn 14 findings?
data:
  source: {table: {file: data/findings.csv, group: patient, labels: [$names]}}
  label: all
  split: {by: study, validation: 0.2}
preprocess: [decode, {window: {by: range, range: [0, 255]}}, {resize: {pixels: 64}}]
augment: [{flip: {horizontal: 0.5}}, {shift: {by: 0.1}}]
model: {backbone: resnet18}
train:
  batch: 32
  optimizer: {adam: {rate: 1e-3}}
  phases: [{name: all, train: [all], epochs: $epochs}]
evaluate: {metrics: [loss, auroc], intervals: {resamples: 0}}
END
. ../turns.sh
turns images targets.yaml "$python" pytorch.py "$work/data" "$epochs" 32 "$threads"
