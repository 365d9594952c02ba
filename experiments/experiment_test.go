package experiments

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/registry"
)

// Every setting and every part can be described, for the schema and the
// reference.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	var names []string
	for _, s := range registry.SettingsOf(Default()) {
		names = append(names, s.Name)
	}
	if want := []string{"name", "purpose", "seed", "data", "preprocess", "augment", "model", "train", "pretrain", "locate", "evaluate", "sweep"}; !slices.Equal(names, want) {
		t.Errorf("got the sections %v, want %v", names, want)
	}
	for _, kind := range registry.KindsOf(Default()) {
		if len(kind.Parts) == 0 {
			t.Errorf("there is no %s", kind.What)
		}
	}
}

func TestLoadNamesAMissingFile(t *testing.T) {
	t.Parallel()
	_, _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	if err == nil {
		t.Fatal("a file that is not there was read")
	}
	if _, _, err := Load(t.TempDir(), nil); err == nil {
		t.Error("a folder was read")
	}
}

// Two loads share nothing: what one does to its experiment the other never
// sees, and neither do the defaults.
func TestLoadsShareNothing(t *testing.T) {
	t.Parallel()
	a, _, err := Load("testdata/good/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Model.Input.Mean[0], b.Evaluate.Metrics[0].Name = 9, "changed"
	if a.Model.Input.Mean[0] == 9 || Default().Model.Input.Mean[0] == 9 || Default().Evaluate.Metrics[0].Name == "changed" {
		t.Error("a default was changed through an experiment")
	}
}

// FuzzExperiment: no file makes loading or checking panic, and what is taken
// can be written out and read back.
func FuzzExperiment(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yaml", "testdata/bad/base/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	whole, err := os.ReadFile("testdata/bad/base/whole.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := map[string]string{"a.yaml": string(data), "base/whole.yaml": string(whole), "bad/base/whole.yaml": string(whole)}
		e, _, err := loadExperiment(inMemory(files), "a.yaml", nil)
		if err == nil {
			checkResolved(t, "a.yaml", e)
		} else if err.Error() == "" {
			t.Error("an empty message")
		}
	})
}
