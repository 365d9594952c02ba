package reports

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestScriptHasAllItsParts: no part of the script is left out of the pages.
func TestScriptHasAllItsParts(t *testing.T) {
	t.Parallel()
	there, err := fs.Glob(files, "templates/script/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range there {
		there[i] = strings.TrimSuffix(path.Base(file), ".js")
	}
	if want := slices.Sorted(slices.Values(scriptFiles)); !slices.Equal(there, want) {
		t.Errorf("the folder has %v, the pages have %v", there, want)
	}
}
