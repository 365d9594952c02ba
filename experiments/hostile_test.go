package experiments

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

// hostile are files that were made to hang or to fill the memory, each with the
// beginning of the message it gets.
func hostile() map[string]struct{ text, want string } {
	bomb := "name: x\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	var blocks, anchors strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&blocks, "%sa:\n", strings.Repeat(" ", i))
	}
	for i := range 30_000 {
		fmt.Fprintf(&anchors, "k%d: &a%d {x: *a%d}\n", i, i, max(0, i-1))
	}
	const most = registry.MaxBytes
	return map[string]struct{ text, want string }{
		"lists 10,000 deep":    {"name: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "a.yaml:1:71: name.0"},
		"lists without end":    {strings.Repeat("[", most), "a.yaml"},
		"maps 10,000 deep":     {"name: " + strings.Repeat("{a: ", 10_000) + "1" + strings.Repeat("}", 10_000), "a.yaml:1:"},
		"maps without end":     {strings.Repeat("{a: ", most/4), "a.yaml"},
		"blocks 1,000 deep":    {blocks.String(), "a.yaml:"},
		"dashes 10,000 deep":   {"name:\n " + strings.Repeat("- ", 10_000) + "x", "a.yaml:"},
		"an alias bomb":        {bomb, "a.yaml:"},
		"an anchor in itself":  {"name: &n [*n, *n, *n]", "a.yaml:1:"},
		"a chain of anchors":   {anchors.String(), "a.yaml:"},
		"one name, many times": {strings.Repeat("a: 1\n", most/5), "a.yaml:"},
		"many unknown names":   {manyNames(60_000), "a.yaml:"},
		"a long list":          {"augment: [" + strings.Repeat("flip, ", most/6-10) + "flip]", "a.yaml:"},
		"a long name":          {strings.Repeat("a", most-10) + ": 1", "a.yaml:"},
		"a long text":          {"train: " + strings.Repeat("a", most-10), "a.yaml:1:1: name is missing"},
		"complex names":        {strings.Repeat("? ", most/2), "a.yaml"},
		"quotes":               {strings.Repeat("'", most-1), "a.yaml"},
		"colons":               {strings.Repeat(": ", most/2), "a.yaml"},
		"tags":                 {"name: " + strings.Repeat("!a ", most/3-10), "a.yaml"},
		"zeros":                {strings.Repeat("\x00", most), "a.yaml:1:1: has a control character"},
		"comments":             {strings.Repeat("#\n", most/2), "a.yaml:1:1: is empty"},
		"dots":                 {"set: {" + strings.Repeat("a.", most/2-10) + "a: 1}\nextends: b.yaml", "a.yaml"},
		"a large file":         {strings.Repeat("a", most+1), "a.yaml: is larger than 256 KB"},
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "trian%d: 1\n", i)
	}
	return b.String()
}

// Whatever a file holds, reading it ends soon, with a message and without
// taking much memory. (The benchmark beside this says how soon.)
func TestHostileFiles(t *testing.T) {
	for name, test := range hostile() {
		before := allocated()
		_, _, err := loadExperiment(inMemory(map[string]string{"a.yaml": test.text, "b.yaml": "name: b"}), "a.yaml", nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %.200v, want %s", name, err, test.want)
			continue
		}
		if n := len(err.Error()); n > 100_000 {
			t.Errorf("%s: a message of %d letters", name, n)
		}
		if used := allocated() - before; used > raceFactor*200<<20 {
			t.Errorf("%s: %d MB were allocated, all in all", name, used>>20)
		}
	}
}

// A file of 100 MB is refused after a small part of it.
func TestHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.yaml")
	if err := os.WriteFile(path, []byte("name: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 100<<20); err != nil {
		t.Fatal(err)
	}
	before := allocated()
	_, _, err := Load(path, nil)
	if err == nil || !strings.Contains(err.Error(), "is larger than 256 KB") {
		t.Errorf("got %v", err)
	}
	if used := allocated() - before; used > 4<<20 {
		t.Errorf("%d MB were allocated", used>>20)
	}
}

// allocated counts bytes since the start, also those that are free again.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func BenchmarkHostileFiles(b *testing.B) {
	for name, test := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := loadExperiment(inMemory(map[string]string{"a.yaml": test.text, "b.yaml": "name: b"}), "a.yaml", nil)
				if err == nil || err.Error() == "" {
					b.Fatal("no message")
				}
			}
		})
	}
}
