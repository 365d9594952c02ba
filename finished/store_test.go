package finished

import (
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestStoredWantsFinishedRuns: of a run that is cut off nets are not asked, and what helps is said; of
// ensembles it is something else.
func TestStoredWantsFinishedRuns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status results.Status
		facts  []stage.Fact
		want   string // "" where it is taken
	}{
		"done":                 {results.Done, nil, ""},
		"interrupted":          {results.Interrupted, nil, "run a is interrupted\n  hint: name a finished run; runner run FILE --resume a goes on with this one"},
		"an ensemble that not": {results.Failed, []stage.Fact{{Name: results.EnsembleFact, Value: `["b"]`}}, "run a is failed\n  hint: make the ensemble again"},
	} {
		run, err := Store{}.Stored(&results.RunRecord{RunSummary: results.RunSummary{ID: "a", Status: c.status}, Facts: c.facts})
		if c.want == "" && (err != nil || run.ID() != "a") || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := hasNets(&results.RunRecord{RunSummary: results.RunSummary{ID: "v"}, Facts: []stage.Fact{{Name: results.ValidationFact, Value: "a"}}}); err == nil || !strings.Contains(err.Error(), "run v is a validation: it has no nets of its own\n  hint: name the run that it tested, a") {
		t.Errorf("a validation: got %v", err)
	}
}

// TestNamesOfPackedRuns: a member of a packed ensemble is named by the package and its id, also where folders
// have a # of their own; ids of runs are themselves.
func TestNamesOfPackedRuns(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"/m/a.zip": {"/m/a.zip", ""}, InPackage("/m/a.zip", "2026-01-01-b"): {"/m/a.zip", "2026-01-01-b"}, InPackage("/m#2/a.ZIP", "b"): {"/m#2/a.ZIP", "b"}, "/m#2/a.zip": {"/m#2/a.zip", ""},
	} {
		if path, member, packed := SplitPacked(name); !packed || path != want[0] || member != want[1] {
			t.Errorf("%s: got %s, %s, %v", name, path, member, packed)
		}
	}
	for _, id := range []string{"2026-01-01-b", "2026-01-01-a#2", "#", ""} {
		if path, member, packed := SplitPacked(id); packed || path != id || member != "" {
			t.Errorf("%q: got %s, %s, %v", id, path, member, packed)
		}
	}
}
