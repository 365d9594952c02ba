#!/usr/bin/env bash
# Sweeps beside Optuna: how good the searches are, and what a trial costs.
# PYTHON is one with optuna, cmaes and torch.
set -euo pipefail
cd "$(dirname "$0")/../.."
source .libtorch/env
python=${PYTHON:-python3}
seeds=${SEEDS:-20} trials=${TRIALS:-12}
echo "function,trials,search,median regret,lower quartile,upper quartile"
go test -count=1 -timeout 60m -run '^TestRegret$' ./sweeps -seeds "$seeds" -v | grep ,
"$python" bench/sweep/optuna_search.py "$seeds"
echo
go test -count=1 -timeout 60m -run '^TestOverhead$' ./sweeps/queue -overhead 50 -v | grep besides
export OMP_NUM_THREADS=1
[[ -d data/sweep ]] || bin/runner data synth data/sweep --studies 16 --size 64 >/dev/null
for _ in 1 2; do # in pairs, since a machine is never quiet
  db=$(mktemp -d)
  bin/runner check bench/sweep/trials.yaml >/dev/null
  begun=$(date +%s.%N)
  bin/runner sweep bench/sweep/trials.yaml --parallel 1 --threads 1 --db "$db/results.db" --runs "$db/runs" --reports "$db" --set sweep.trials="$trials" >/dev/null 2>&1
  ended=$(date +%s.%N)
  first=$(bin/runner query --db "$db/results.db" --format csv "SELECT round(avg(startup), 2) FROM trial_spans" | tail -1)
  awk -v a="$begun" -v b="$ended" -v n="$trials" -v f="$first" 'BEGIN { printf "vertebra, a process each: %d trials in %.2f s, %s s until the first step\n", n, b - a, f }'
  rm -r "$db"
  "$python" bench/sweep/optuna_trials.py each "$trials"
  "$python" bench/sweep/optuna_trials.py one "$trials"
done
