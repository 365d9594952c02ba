package experiments

import (
	"slices"
	"testing"
)

// TestSectionAt: every section, list of settings and setting is found by its path.
func TestSectionAt(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"train": "batch", "data.split": "folds", "train.phases": "epochs", "train.phases[]": "epochs", "train.phases.0.stop": "patience", "sweep": "trials", "train.batch": "batch", "evaluate": "metrics"} {
		got, ok := SectionAt(path)
		at := slices.IndexFunc(got.Settings, func(s SectionSetting) bool { return s.Name == want })
		if !ok || at < 0 {
			t.Errorf("%s: got %+v, %t, want %s in it", path, got, ok, want)
			continue
		}
		if s := got.Settings[at]; s.Help == "" || s.Value == "" || s.Default == "" {
			t.Errorf("%s: got %+v", path, s)
		}
	}
	for _, path := range []string{"", "trian", "train.bach", "train.batch.x", "..", "[]", "0"} {
		if got, ok := SectionAt(path); ok {
			t.Errorf("%q: got %+v", path, got)
		}
	}
	if got := SectionNames(); !slices.Equal(got, []string{"data", "model", "train", "pretrain", "locate", "evaluate", "sweep"}) {
		t.Errorf("got %v", got)
	}
}
