package parity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failures counts what Hold complains of.
type failures struct {
	testing.TB
	texts []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, _ ...any) { f.texts = append(f.texts, format) }

func TestHold(t *testing.T) {
	page := filepath.Join(t.TempDir(), "parity.md")
	write := func(text string) {
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	complaints := func(rows []Row, update bool) int {
		f := &failures{TB: t}
		Hold(f, page, "things", rows, update)
		return len(f.texts)
	}
	rows := []Row{{"a", "plain", "PyTorch", 1e-8, 1e-6}, {"b", "plain", "Keras", 2e-7, 1e-6}}
	write("# Title\n<!-- things -->\n<!-- end of things -->\nafter\n")
	if complaints(rows, false) != 1 {
		t.Error("rows that are not on the page are let through")
	}
	if complaints(rows, true) != 0 || complaints(rows, false) != 0 {
		t.Error("the page is stale after an update")
	}
	written, _ := os.ReadFile(page)
	if text := string(written); !strings.Contains(text, "| b | plain | Keras | 2e-07 | 1e-06 |\n<!-- end of things -->\nafter\n") {
		t.Errorf("the page is\n%s", text)
	}
	rows[1].Deviation = 9e-7
	if complaints(rows, true) != 0 {
		t.Error("another deviation within the limit is stale")
	}
	if again, _ := os.ReadFile(page); string(again) != string(written) {
		t.Error("a page that holds is written again")
	}
	if complaints(rows[:1], false) != 1 {
		t.Error("a row that nothing is compared for is let through")
	}
	rows[1].Deviation = 2e-6
	if complaints(rows, false) != 1 {
		t.Error("a deviation above its limit is let through")
	}
	write(strings.ReplaceAll(string(written), "2e-07", "2e-05"))
	rows[1].Deviation = 0
	if complaints(rows, false) != 1 {
		t.Error("a deviation of the page above its limit is let through")
	}
}
