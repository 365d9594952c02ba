# Vertebra. make demo, make test: each does all that it needs first.
# .libtorch/env holds the compiler's flags for the libtorch that is there; every
# target uses the same, so that gotch is compiled once.
SHELL := /bin/bash
GO := source .libtorch/env && go

.PHONY: bench-points bench-outliers bench-slices bench-targets bench-sweep test-onnx test-slurm test-sweep test-kill bench-results bench-check bench-ingest bench-train test-standin test-gpu bench-gpu help setup build demo test bundle generate check bench fuzz clean

help:   ## lists the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ -/'

setup:  ## finds or installs libtorch and writes .libtorch/env; quick when nothing changed
	@CGO_ENABLED=0 go run ./setup

build: setup  ## builds bin/runner
	@$(GO) build -o bin/runner ./runner

demo: build  ## makes a small data set, trains on it, writes an HTML report
	@bin/runner data synth data/synth --defects all
	@bin/runner run experiments/demo.yaml

test: setup  ## runs all tests
	@$(GO) test -timeout 20m ./...

bundle: build  ## packs the program with all that it loads into bundle/vertebra.tar.xz, for a machine without network, Go or libtorch
	@rm -rf bundle/vertebra && CGO_ENABLED=0 go run ./setup bundle bin/runner bundle/vertebra
	@git ls-files README.md docs 'experiments/*.yaml' experiments/schema.json stages/README.md | grep -v testdata | tar c -T - | tar x -C bundle/vertebra
	@tar c -C bundle vertebra | xz -T0 -2 >bundle/vertebra.tar.xz && ls -lh bundle/vertebra.tar.xz

generate: setup  ## writes the generated files again: experiments/schema.json, stages/README.md, docs/*.md
	@$(GO) test -count=1 -p 1 -run 'IsFresh$$' ./experiments ./results ./stages/train ./stages/pretrain ./stages/augment ./stages/evaluate -update

check: test  ## tests, formatting, vet, and the linter where it is installed
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	@$(GO) vet ./...
	@if command -v golangci-lint >/dev/null; then source .libtorch/env && golangci-lint run; fi
	@$(GO) test -race ./experiments ./results ./reports ./setup ./stages/audit ./stages/evaluate ./stages/registry ./stages/synth ./stages/internal/dicom ./stages/internal/safetensors

bench: setup  ## runs all benchmarks; compare two outputs with benchstat
	@$(GO) test -run '^$$' -bench . -benchmem ./...

# The tests that compare a GPU with the CPU are subtests named cuda, or tests with
# CUDA in their name; make test skips them where there is no GPU, this fails.
test-gpu: setup  ## runs and lists the tests that need a GPU
	@$(GO) test -count=1 -v ./stages/... >.libtorch/test-gpu.log 2>&1; code=$$?; \
	  grep -E '^ *--- .*(cuda|CUDA)|^(FAIL|panic)|^ +[a-z_]+_test.go' .libtorch/test-gpu.log; \
	  if grep -q 'no CUDA device' .libtorch/test-gpu.log; then echo "there is no CUDA device: bin/runner doctor"; exit 1; fi; exit $$code

test-standin: setup  ## runs all tests on what stands in for a GPU; with LIBTORCH, VERTEBRA_CUDA=1
	@bench/gpu/standin/build.sh .libtorch/standin
	@export STANDIN_DEVICES=2 LD_LIBRARY_PATH=$(CURDIR)/.libtorch/standin STANDIN_LOG=$(CURDIR)/.libtorch/standin/waits-%p; $(GO) test -count=1 ./...

test-kill: setup  ## kills a writer of results 100 times at random moments, and looks for lost rows
	@$(GO) test -count=1 -v -run KilledWriter ./results -kills 100

bench-check: build  ## times check on 2,000 studies with 50,000 labelled points, on a warm cache
	@bench/check/run.sh

test-sweep: build  ## kills sweeps, of trials that only wait and of real ones, and runs 20 sweeps with a deadline
	@$(GO) test -count=1 -timeout 30m -run 'Killed|Deadline' ./sweeps/queue -kills 30 -deadlines 20
	@bench/sweep/kill.sh

PYTHON ?= python3
test-onnx: setup  ## runs exported nets of all kinds with onnxruntime and PyTorch (PYTHON: one with torch, onnx, onnxruntime and numpy)
	@set -o pipefail; $(GO) test -count=1 -v -run InPython ./stages/export -python $(PYTHON) | sed -nE 's,^ +onnx_python_test.go:[0-9]+: ,,p; /=== RUN|--- PASS/d; /FAIL|Error|^ok/p'

test-slurm: setup  ## runs sweeps through a real Slurm, started for them; tasks are cancelled, requeued and pre-empted (Debian: slurm-wlm)
	@$(GO) test -count=1 -v -run OnSlurm ./runner -slurm

bench-results: setup  ## times the page of all runs and a comparison over 1,000 runs (fills a database of 1 GB the first time)
	@mkdir -p bench/results/out
	@$(GO) test -run '^$$' -bench 'Index|Compare' -benchtime 3x -timeout 1h ./runner -bench-db $(CURDIR)/bench/results/out/pages.db

bench-sweep: build  ## compares searches and the cost of trials with Optuna's (PYTHON: one with optuna, cmaes and torch)
	@bench/sweep/run.sh

bench-train: setup  ## compares a training step on the CPU with PyTorch's (PYTHON: one with the same libtorch)
	@bench/train/run.sh

bench-targets: build  ## compares training several targets with PyTorch (PYTHON: one with the same libtorch, numpy and Pillow)
	@bench/targets/run.sh

bench-slices: build  ## compares training a net over slices with PyTorch (PYTHON: one with the same libtorch, numpy and Pillow)
	@bench/slices/run.sh

bench-outliers: build  ## asks the demo's nets about odd images (PYTHON: one with numpy, scipy, pandas, scikit-learn and pydicom)
	@bench/outliers/run.sh

bench-points: build  ## predicts images whose points nobody marked (PYTHON: one with numpy and pandas)
	@bench/points/run.sh

bench-ingest: build  ## compares reading a data set with pydicom and OpenCV (PYTHON: one with both)
	@bench/ingest/run.sh

bench-gpu: build  ## compares training speed with PyTorch's (python3 with torch and torchvision)
	@python3 bench/gpu/bench.py bin/runner bench/gpu/out

fuzz: setup  ## fuzzes everything that parses, ten seconds each (FUZZTIME=5m: longer; FUZZ=./stages/audit/...: some packages)
	@$(GO) list $${FUZZ:-./...} | while read p; do $(GO) test -list '^Fuzz' $$p | grep '^Fuzz' | while read f; do $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-10s} $$p || exit 1; done || exit 1; done

clean:  ## removes what was built; data, runs and results stay
	@rm -rf bin .libtorch
