#!/usr/bin/env bash
# standin.sh FILE OUT: what there.sh does with the programs of pack.sh, on a machine without
# a GPU. Libraries stand in for CUDA: they give the programs a device whose memory the host
# may not touch, refuse tensors of two devices, do what is asynchronous as late as CUDA may,
# and log all that the host would wait for. Its operators are the CPU's. Needs LIBTORCH and
# VERTEBRA_CUDA=1, as pack.sh does.
set -euo pipefail
packed=$(realpath "${1:?want the file of pack.sh}") out=$(mkdir -p "${2:?want a folder}" && realpath "$2")
cd "$(dirname "$0")/../.."
libraries=$(mktemp -d) && trap 'rm -rf "$libraries"' EXIT
make setup
bench/gpu/standin/build.sh "$libraries"
export STANDIN_DEVICES=${STANDIN_DEVICES:-2}
STANDIN=$libraries STANDIN_LOG=$libraries/waits-%p.txt bench/gpu/there.sh "$packed" "$out"
