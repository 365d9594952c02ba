package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLoadData: a file for nets that are trained need not say how, and mistakes in what counts
// are told.
func TestLoadData(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: b\ndata: {source: {rsna: {root: x}}}\nevaluate: {subgroups: [site]}\n":                 "",
		"name: b\nmodel: {backbone: resnet81}\ndata: {source: {rsna: {root: x}}}\ntrain: {phases: 3}": "",
		"name: b\ndata: {source: {rnsa: {root: x}}}":                                                  "data.source",
		"name: b\ndata: {source: {rsna: {root: x}}, sample: pint}":                                    "data.sample",
		"name: b\ndta: {source: {rsna: {root: x}}}":                                                   `"dta"`,
		"name: b\nevaluate: {metrics: [loss, acuracy]}\ndata: {source: {rsna: {root: x}}}":            "evaluate.metrics.1",
	} {
		path := filepath.Join(t.TempDir(), "b.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := LoadData(path, nil)
		switch {
		case want == "" && (err != nil || e.Name != "b" || e.Data.Source.Name != "rsna"):
			t.Errorf("%s: got %+v, %v", text, e.Data.Source, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
