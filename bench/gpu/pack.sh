#!/usr/bin/env bash
# For a machine with a GPU and no Go: builds the program and all tests here, for
# libtorch with CUDA (set LIBTORCH, VERTEBRA_CUDA=1), into the file that is named; some
# 50 MB. There: bench/gpu/there.sh FILE OUT, in a copy of this folder.
set -euo pipefail
mkdir -p "$(dirname "${1:?want the name of a file, such as .carry/bins.tar.xz}")"
file=$(realpath "$1")
cd "$(dirname "$0")/../.."
make setup
source .libtorch/env
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
  name=${package#*/}
  go test -c -ldflags '-s -w' -o "$work/${name//\//__}.test" "$package"
done
go build -ldflags '-s -w' -o "$work/runner" ./runner
# where the programs look for libtorch
grep -o 'rpath,[^ '"'"']*' .libtorch/env | cut -d, -f2 >"$work/libraries"
tar c -C "$work" . | xz -T0 --lzma2=preset=1,dict=192MiB >"$file"
ls -l "$file"
