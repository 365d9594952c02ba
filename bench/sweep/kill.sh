#!/usr/bin/env bash
# Kills a sweep of real trials with kill -9 at random moments: every second time its
# trials too. Searched at random it must end as an undisturbed one, trial by trial;
# with TPE and successive halving, with every trial once.
set -euo pipefail
cd "$(dirname "$0")/../.."
runner=$PWD/bin/runner kills=${KILLS:-10} file=$PWD/bench/sweep/trials.yaml
[[ -d data/sweep ]] || "$runner" data synth data/sweep --studies 16 --size 64 >/dev/null
work=$(mktemp -d)
[[ -n ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT
RANDOM=7

arguments() { # folder, settings
  local folder=$1; shift
  args=(sweep "$file" --parallel 2 --threads 1 --db "$folder/results.db" --runs "$folder/runs" --cache "$work/cache" --reports "$folder" --set sweep.trials=24 "$@")
}
ask() { "$runner" query --db "$1/results.db" --format csv "$2" | tail -n +2; }
disturbed() { # folder, settings
  local folder=$1 i pid; mkdir -p "$folder"
  arguments "$@"
  for ((i = 0; i < kills; i++)); do
    "$runner" "${args[@]}" >>"$folder/log" 2>&1 & pid=$!
    sleep $((RANDOM % 3)).$((RANDOM % 10))
    if ((i % 2)) && [[ -f $folder/results.db ]]; then
      for trial in $(ask "$folder" "SELECT pid FROM trials WHERE state = 'running' AND pid > 0"); do kill -9 "$trial" 2>/dev/null || true; done
    fi
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
  done
  "$runner" "${args[@]}" 2>>"$folder/log" | grep '^trials\|^best\|^already'
}

mkdir -p "$work/whole"
echo "at random, undisturbed:"
arguments "$work/whole" --set sweep.search=random --set sweep.stop=none
"$runner" "${args[@]}" 2>/dev/null | grep '^trials\|^best\|^already'
echo "at random, killed $kills times:"
disturbed "$work/killed" --set sweep.search=random --set sweep.stop=none
values="SELECT number, settings, value, epochs FROM trials ORDER BY number"
diff <(ask "$work/whole" "$values") <(ask "$work/killed" "$values")
echo "the same 24 trials, values to the last digit"
echo "TPE and successive halving, killed $kills times:"
disturbed "$work/asha" --set sweep.search=tpe --set 'sweep.stop={asha: {first: 1}}'
[[ $(ask "$work/asha" "SELECT count(*) || ' ' || count(DISTINCT number) || ' ' || count(DISTINCT run) FROM trials") == "24 24 24" ]]
[[ $(ask "$work/asha" "SELECT count(*) FROM trials WHERE state IN ('running', 'queued')") == 0 ]]
echo "24 trials, none twice, none left; the report has $(wc -c <"$(ls "$work"/asha/sweep-*.html)") bytes"
