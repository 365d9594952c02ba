package validate

import (
	"fmt"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestMixed: each characteristic has a row, wherever it is known.
func TestMixed(t *testing.T) {
	t.Parallel()
	here := stage.Table{Columns: []string{"characteristic", "counted", "test"}, Rows: [][]any{{"sex: F", "patients", "3 (30.0 %)"}, {"site: b", "patients", "10 (100.0 %)"}}}
	own := stage.Table{Columns: []string{"characteristic", "counted", "train", "test", audit.LargestDifference}, Rows: [][]any{
		{"sex: F", "patients", "50 (50.0 %)", "5 (50.0 %)", 0.1}, {"site: a", "patients", "100 (100.0 %)", "10 (100.0 %)", 0.0},
	}}
	got := fmt.Sprint(mixed(here, own).Columns, mixed(here, own).Rows)
	want := "[characteristic counted here the run, train the run, test] [[sex: F patients 3 (30.0 %) 50 (50.0 %) 5 (50.0 %)] [site: b patients 10 (100.0 %)  ] [site: a patients  100 (100.0 %) 10 (100.0 %)]]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
