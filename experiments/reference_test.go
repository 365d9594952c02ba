package experiments

import (
	"bytes"
	"testing"

	"vertebra/stages/registry"
)

func TestReferenceIsFresh(t *testing.T) {
	generated(t, "../stages/README.md", Reference())
}

// Every part and every setting is in the reference.
func TestReferenceIsWhole(t *testing.T) {
	t.Parallel()
	page := Reference()
	want := func(text string) {
		if !bytes.Contains(page, []byte(text)) {
			t.Errorf("the reference lacks %q", text)
		}
	}
	for _, kind := range registry.KindsOf(Default()) {
		for _, p := range kind.Parts {
			want("\n### " + p.Name + "\n")
			for _, s := range p.Settings {
				want("| `" + s.Name + "` | " + cell(s.Help) + " |")
			}
		}
	}
}
