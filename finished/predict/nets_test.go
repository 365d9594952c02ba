package predict

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// pointed is a table of images of a synthetic study, with a point in each.
func pointed(t *testing.T) (dir, table string) {
	t.Helper()
	dir = t.TempDir()
	if _, err := synth.Write(t.Context(), dir, synth.Options{Seed: 3, Studies: 4, Size: 64}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "train_images", "*", "*", "*.dcm"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	text := "image,x,y\n"
	for i, file := range files[:4] {
		text += fmt.Sprintf("%s,%d,%d\n", file, 20+i, 30-i)
	}
	table = filepath.Join(dir, "new.csv")
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, table
}

var plainColumns = audit.Table{Image: "image", ID: "id", Group: "group", Series: "series", X: "x", Y: "y"}

// TestKeptNets: nets that stay open say, to the bit, what nets say that are opened for each request,
// and are opened once: all of them before the first, where somebody wants that.
func TestKeptNets(t *testing.T) {
	t.Parallel()
	run, err := finished.OpenPackage("../testdata/package-1.zip") // of two folds
	if err != nil {
		t.Fatal(err)
	}
	opened, err := finished.Open(run, 0)
	if err != nil {
		t.Fatal(err)
	}
	dir, table := pointed(t)
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: filepath.Join(dir, "cache"), Device: "cpu", Threads: 1, Workers: 1}
	_, want, err := Ask(t.Context(), env, run, Request{Data: []string{table}, Columns: plainColumns})
	if err != nil {
		t.Fatal(err)
	}
	k := &Kept{}
	if err := k.Open(t.Context(), env, opened); err != nil {
		t.Fatal(err)
	}
	first := maps.Clone(k.nets)
	if len(first) != 2 {
		t.Fatalf("%d nets are open, want 2", len(first))
	}
	for range 2 {
		_, got, err := Ask(t.Context(), env, run, Request{Data: []string{table}, Columns: plainColumns, Kept: k})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 4 || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if !maps.Equal(k.nets, first) {
		t.Errorf("other nets are open than at first: %v, %v", k.nets, first)
	}
	if err := k.Close(); err != nil || k.nets != nil {
		t.Error(err, k.nets)
	}
}

// TestOnlyImages: what strangers call a table or an experiment is read as an image, and names nothing
// of this machine.
func TestOnlyImages(t *testing.T) {
	t.Parallel()
	run, err := finished.OpenPackage("../testdata/package-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	dir, table := pointed(t)
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: filepath.Join(dir, "cache"), Device: "cpu", Threads: 1, Workers: 1}
	yaml := filepath.Join(dir, "other.yaml")
	if err := os.WriteFile(yaml, []byte("name: x\ndata: {source: {rsna: {root: "+dir+"}}, split: {by: study, validation: 0.5}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{table, yaml} {
		if _, items, err := Ask(t.Context(), env, run, Request{Data: []string{path}, Columns: plainColumns}); err != nil || len(items) == 0 {
			t.Fatalf("%s, of whoever is trusted: %d, %v", path, len(items), err)
		}
		if _, items, err := Ask(t.Context(), env, run, Request{Data: []string{path}, Columns: plainColumns, OnlyImages: true}); err == nil || len(items) > 0 {
			t.Errorf("%s: got %d predictions, %v", path, len(items), err)
		}
	}
}
