#!/usr/bin/env bash
# build.sh OUT: libraries for LD_LIBRARY_PATH that stand in for those of CUDA and libtorch,
# with the headers of the libtorch with CUDA that setup found.
set -euo pipefail
out=$(mkdir -p "${1:?want a folder}" && realpath "$1")
cd "$(dirname "$0")/../../.."
source .libtorch/env
from=$PWD/bench/gpu/standin
torch=$(grep -o 'rpath,[^ '"'"']*' .libtorch/env | head -1 | cut -d, -f2)
flags="-std=c++17 -O1 -g0 -w -shared -fPIC ${CGO_CXXFLAGS//-O2/}"
printf 'libcudart.so.13 { global: cuda*; };\nstandin { global: extern "C++" { standin::*; }; };\n' >"$out/versions"
cd "$out"
g++ $flags "$from/cudart.cpp" -Wl,-soname,libcudart.so.13 -Wl,--version-script=versions -o libcudart.so.13
g++ $flags "$from/device.cpp" -Wl,-soname,libc10_cuda.so -Wl,--no-as-needed ./libcudart.so.13 "$torch/libc10.so" -o libc10_cuda.so
g++ $flags "$from"/{hooks,call,recording,operators,graphs}.cpp -Wl,-soname,libtorch_cuda.so -Wl,--no-as-needed ./libc10_cuda.so ./libcudart.so.13 "$torch/libtorch_cpu.so" "$torch/libc10.so" -o libtorch_cuda.so
