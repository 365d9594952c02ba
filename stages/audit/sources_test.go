package audit

import (
	"testing"

	"vertebra/stages/registry"
)

func tableFound(t *testing.T, source Table, text string) Found {
	t.Helper()
	source.File = "x.csv"
	found, err := source.parse(t.Context(), mustRequest(t, Wanted{}, Wanted{}), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func mustRequest(t testing.TB, drop, keep Wanted) *Request {
	t.Helper()
	r, err := newRequest(drop, keep)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var plainTable = Table{Image: "image", Labels: []string{"label"}}

func folders(t testing.TB, dir string) Config {
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(dir)}}
	cfg.Split = Split{By: "study", Validation: 0.34}
	return cfg
}
