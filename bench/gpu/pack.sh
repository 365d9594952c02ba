#!/usr/bin/env bash
# For a machine with a GPU and no Go: builds the program and all tests here, for
# libtorch with CUDA (set LIBTORCH, VERTEBRA_CUDA=1), into the file that is named; some
# 100 MB. There: bench/gpu/there.sh FILE OUT, in a copy of this folder. With the name of
# another file the tests of all but runner and the stages go there, for where no file may
# be as large: there.sh takes the one and then the other.
set -euo pipefail
file=$(realpath -m "${1:?want the name of a file, such as .carry/bins.tar.xz}") other=${2:+$(realpath -m "$2")}
mkdir -p "$(dirname "$file")" ${other:+"$(dirname "$other")"}
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
packed() { tar c -C "$work" "${@:2}" | xz -T0 --lzma2=preset=1,dict=192MiB >"$1" && ls -l "$1"; }
if [[ $other ]]; then
  cd "$work"
  mkdir others && mv libraries $(ls *.test | grep -vE '^(runner|stages__.*)\.test$') others
  cp others/libraries . && work=$work/others packed "$other" .
  rm -r others
fi
packed "$file" .
