# Sourced by benches: turns WHAT FILE COMMAND trains the experiment FILE of the folder $work
# with bin/runner and runs COMMAND, which prints how many WHAT a second it trains in each
# epoch, $turns times in turns on $threads threads of the CPU. The first epoch does not count.
turns() {
	what=$1 file=$2
	shift 2
	runner=$(cd ../.. && pwd)/bin/runner
	for turn in $(seq "$turns"); do
		(cd "$work" && "$runner" run "$file" --again --device cpu --threads "$threads" >/dev/null 2>&1 &&
			"$runner" query --format csv "SELECT printf('%.2f', value) FROM scalars WHERE name = 'images_per_second' AND run = (SELECT max(number) FROM runs) AND epoch > 1" | tail -n +2 | tr '\n' ' ') > "$work/ours"
		"$@" | tail -n +2 | tr '\n' ' ' > "$work/theirs"
		awk -v turn="$turn" -v what="$what" 'function mean(i, s) {for (i = 1; i <= NF; i++) s += $i; return s / NF} {m[NR] = mean()} END {printf "turn %d: runner %.2f, PyTorch %.2f %s a second, ratio %.2f\n", turn, m[1], m[2], what, m[1] / m[2]}' "$work/ours" "$work/theirs"
	done
}
