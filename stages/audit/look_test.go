package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/lookalike"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// lookAt audits folders of pictures with pixels, and gives what rules found.
func lookAt(t *testing.T, dir string, cfg Config) (map[string]Finding, *keeper) {
	t.Helper()
	kept := &keeper{}
	env := environment(kept)
	env.Cache = t.TempDir()
	var first map[string]Finding
	for range 2 { // the second time from the cache
		cases, err := Look(t.Context(), env, cfg)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]Finding{}
		for _, f := range cases.All() {
			found[f.ID] = f
		}
		if first != nil && fmt.Sprint(found) != fmt.Sprint(first) {
			t.Errorf("got %v from the cache, want %v", found, first)
		}
		first = found
	}
	if _, err := os.Stat(filepath.Join(env.Cache, "looks.bin")); err != nil {
		t.Error(err)
	}
	return first, kept
}

// TestLook finds equal and nearly equal pictures, also under other labels and in
// other splits, and a blank one; pictures of like structure are no duplicates.
func TestLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string, value func(x, y int) uint8) { picture(t, filepath.Join(dir, name), value) }
	for i := range 24 {
		put(fmt.Sprintf("good/%d.png", i), noise(i))
	}
	put("good/blank.png", func(int, int) uint8 { return 7 })
	put("bad/blank.png", func(int, int) uint8 { return 7 }) // no duplicate: blank images are all alike
	put("bad/copy.png", noise(0))
	faded := noise(1)
	put("bad/faded.png", func(x, y int) uint8 { return uint8(20 + int(faded(x, y))*3/4) })
	other := noise(99)
	put("bad/other.png", func(x, y int) uint8 { return faded(x, y)/2 + other(x, y)/2 })
	found, kept := lookAt(t, dir, folders(t, dir))
	want := map[string][]string{
		"blank_image":            {"bad/blank.png", "good/blank.png"},
		"duplicate_image":        {"bad/copy.png", "good/0.png"},
		"conflicting_duplicates": {"bad/copy.png", "good/0.png"},
		"near_duplicate":         {"bad/faded.png", "good/1.png"},
	}
	for id, f := range found {
		if strings.HasSuffix(id, "_in_two_splits") {
			continue
		}
		if !slices.Equal(f.IDs, want[id]) {
			t.Errorf("%s: got %v, want %v", id, f.IDs, want[id])
		}
		delete(want, id)
	}
	for id := range want {
		t.Errorf("%s: got nothing", id)
	}
	// 28 of 29 cases can be right: the copy has another label.
	if f := found["conflicting_duplicates"]; !strings.Contains(f.Reason, "96.55 %") {
		t.Errorf("got %q, want a ceiling of 96.55 %%", f.Reason)
	}
	if fact := kept.fact("leak check"); !strings.Contains(fact, "of 29 images looked at") {
		t.Errorf("got the leak check %q", fact)
	}
}

// TestDuplicatesInTwoSplits wants them told exactly when the split tears them.
func TestDuplicatesInTwoSplits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 6 {
		picture(t, filepath.Join(dir, fmt.Sprintf("a/%d.png", i)), noise(i))
		picture(t, filepath.Join(dir, fmt.Sprintf("b/%d.png", i)), noise(i))
	}
	cfg := folders(t, dir)
	file := filepath.Join(t.TempDir(), "split.csv")
	text := "id,split\n"
	for i := range 6 {
		other := "train"
		if i < 2 {
			other = "validation"
		}
		text += fmt.Sprintf("a/%d.png,train\nb/%d.png,%s\n", i, i, other)
	}
	write(t, file, text)
	cfg.Split = Split{By: "study", File: registry.Path(file)}
	found, kept := lookAt(t, dir, cfg)
	if got := found["duplicate_in_two_splits"].IDs; !slices.Equal(got, []string{"a/0.png", "a/1.png", "b/0.png", "b/1.png"}) {
		t.Errorf("got %v, want pictures 0 and 1 of both", got)
	}
	if fact := kept.fact("leak check"); !strings.Contains(fact, "4 are in two splits as equal files") {
		t.Errorf("got the leak check %q", fact)
	}
	if f := found["duplicate_in_two_splits"]; f.Severity != severe {
		t.Errorf("got the severity %s, want %s", f.Severity, severe)
	}
}

// TestActions lets an experiment refuse, keep and drop.
func TestActions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 6 {
		picture(t, filepath.Join(dir, fmt.Sprintf("a/%d.png", i)), noise(i))
		picture(t, filepath.Join(dir, fmt.Sprintf("b/%d.png", i)), noise(10+i))
	}
	picture(t, filepath.Join(dir, "b/blank.png"), func(int, int) uint8 { return 0 })
	write(t, filepath.Join(dir, "b", "x.txt"), "")
	cfg := folders(t, dir)
	cfg.Rules = Actions{"blank_image": refuse}
	if _, err := Look(t.Context(), environment(stage.Discard), cfg); err == nil || !strings.Contains(err.Error(), "data.rules.blank_image refuses them") {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := Run(t.Context(), environment(stage.Discard), cfg); err != nil {
		t.Errorf("got %v without pixels", err)
	}
	cfg.Rules = Actions{"foreign_file": refuse}
	if _, err := Run(t.Context(), environment(stage.Discard), cfg); err == nil || !strings.Contains(err.Error(), "file that is no image: 1 row") {
		t.Errorf("got %v, want a refusal", err)
	}
	for _, bad := range []Actions{{"blank": keep}, {"blank_image": "mend"}, {"missing_image": keep}, {"duplicate_image": drop}} {
		if bad.Validate() == nil {
			t.Errorf("%v: got no error", bad)
		}
	}
}

// BenchmarkNear compares every image of 5,000 with every other.
func BenchmarkNear(b *testing.B) {
	v := &view{looks: map[string]lookalike.Look{}, using: map[string][]stage.Case{}}
	for i := range 5000 {
		path := fmt.Sprint(i)
		l := lookalike.Look{}
		for j := range l.Marks {
			l.Marks[j] = stage.Hash(1, "mark", i, j)
		}
		l.Hash[0], l.Hash[1] = byte(i), byte(i>>8)
		v.looks[path], v.using[path] = l, []stage.Case{{Group: path}}
	}
	for b.Loop() {
		v.nearPairs = nil
		if pairs := v.nears(); len(pairs) > 0 {
			b.Fatalf("got %d pairs of noise", len(pairs))
		}
	}
}
