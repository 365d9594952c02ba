#!/usr/bin/env bash
# What a GPU is to show, on a machine without Go, in less than ten minutes: doctor, all
# tests, the demo, nets of several views, of many slices, with a covariate and for points, a ResNet-50
# through two phases, a batch too large for the memory there is, and the table of bench.py. Takes what pack.sh
# made, and writes logs and figures to a folder. python3 has torch with CUDA and
# torchvision. More arguments go to bench.py, such as --only runner,fp32 --seconds 200.
# STANDIN is a folder of libraries that stand in for the GPU: standin.sh makes it.
set -uo pipefail
packed=$(realpath "${1:?want the file of pack.sh}") out=$(mkdir -p "${2:?want a folder}" && realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
bin=$(mktemp -d) logs=$(mktemp -d) begin=$SECONDS
xz -dc -T0 "$packed" | tar x -C "$bin"
packages=$(dirname "$(python3 -c 'import importlib.util; print(importlib.util.find_spec("torch").submodule_search_locations[0])')")
# The tests start programs in clean environments: the libraries must lie where these
# were built to look for them.
while read -r wanted; do
  [[ -e $wanted ]] || { mkdir -p "$(dirname "$wanted")" && ln -sT "$packages/${wanted##*/site-packages/}" "$wanted"; }
done <"$bin/libraries"
LD_LIBRARY_PATH=${STANDIN:+$STANDIN:}$(find "$packages/torch" "$packages/nvidia" -type d -name lib | tr '\n' ':')
export LD_LIBRARY_PATH
said() { echo "[$((SECONDS - begin)) s] $*"; }

if [[ -x $bin/runner ]]; then
  "$bin/runner" doctor >"$out/doctor.txt" 2>&1
  tail -9 "$out/doctor.txt"
fi

one() { # a test program, in the folder of its package
  local name folder
  name=$(basename "$1" .test) && folder=${name//__//}
  (cd "$folder" && timeout 480 "$1" -test.v) >"$2/$name.log" 2>&1
  echo "$name: exit code $?"
}
export -f one
find "$bin" -name '*.test' -print0 | xargs -0 -P "$(($(nproc) < 6 ? $(nproc) : 6))" -I{} bash -c 'one {} '"$logs" | tee "$out/tests.txt"
grep -ahE '^ *--- (PASS|FAIL|SKIP).*(cuda|CUDA)|^ *--- FAIL' "$logs"/*.log >>"$out/tests.txt"
tar czf "$out/logs.tgz" -C "$logs" .
said tests
[[ -x $bin/runner ]] || exit 0 # the other file of pack.sh

"$bin/runner" data synth data/synth --defects all >/dev/null
"$bin/runner" run experiments/demo.yaml --again >"$out/demo.txt" 2>&1
said "demo: exit code $?"
"$bin/runner" run experiments/five-views.yaml --again --set train.compute.graphs=true --set train.phases.1.epochs=4 >"$out/views.txt" 2>&1
said "five views, five targets: exit code $?"
"$bin/runner" run experiments/all-slices.yaml --again --set train.compute.graphs=true --set train.phases.1.epochs=4 >"$out/slices.txt" 2>&1
said "eleven slices, an LSTM: exit code $?"
"$bin/runner" run experiments/all-slices.yaml --again --set name=volume --set model.slices=null --set 'model.backbone={medicalnet_resnet10: {stride: 2}}' --set 'model.input={channels: 1, mean: [0.45], std: [0.25]}' --set train.compute.graphs=true --set train.phases.0.epochs=1 --set train.phases.1.epochs=2 >"$out/volume.txt" 2>&1
said "eleven slices as a volume: exit code $?"
"$bin/runner" run experiments/told-where.yaml --again --set train.compute.graphs=true --set train.phases.1.epochs=4 --set 'evaluate.outliers={}' >"$out/told.txt" 2>&1
said "a covariate, and what its net knows: exit code $?"
"$bin/runner" run experiments/find-points.yaml --again --set train.compute.graphs=true --set train.phases.1.epochs=1 --set locate.epochs=2 >"$out/points.txt" 2>&1
said "a net that finds points: exit code $?"
cat >"$logs/two.yaml" <<EOF
extends: $PWD/experiments/demo.yaml
name: resnet50-two-phases
model: {backbone: resnet50}
train: {batch: 64, phases: [{name: head, train: [head], epochs: 2}, {name: all, train: [all], epochs: 4, rate: 3e-4}]}
EOF
"$bin/runner" run "$logs/two.yaml" --again >"$out/two.txt" 2>&1
said "two phases: exit code $?"

# A batch for which a twentieth of an H200's memory is too little: computed in parts, and
# without accumulate: auto a failure that says what to do.
cat >"$logs/scarce.yaml" <<EOF
extends: $PWD/experiments/demo.yaml
name: scarce
set: {preprocess.resize.resize.pixels: 224}
model: {backbone: resnet50}
train: {batch: 256, accumulate: auto, phases: [{name: all, train: [all], epochs: 2}]}
EOF
if [[ -n ${STANDIN:-} ]]; then
  sed -i 's/pixels: 224/pixels: 64/; s/resnet50/resnet18/' "$logs/scarce.yaml"
  export STANDIN_MB=400
fi
if [[ -n ${STANDIN:-} ]] || python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  for accumulate in auto 1; do
    PYTORCH_CUDA_ALLOC_CONF=per_process_memory_fraction:0.05 "$bin/runner" run "$logs/scarce.yaml" --again --set train.accumulate=$accumulate >"$out/scarce-$accumulate.txt" 2>&1
    said "too little memory, accumulate: $accumulate: exit code $?"
    grep -h 'parts\|memory\|hint' "$out/scarce-$accumulate.txt"
  done
fi
[[ -n ${STANDIN:-} ]] || python3 bench/gpu/bench.py "$bin/runner" "$out" "$@"
said end
