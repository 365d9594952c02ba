package pretrain

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/internal/testfiles"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestOneAtATime: of two runs that want the same one does it, and the other waits.
func TestOneAtATime(t *testing.T) {
	dir := stripes(t)
	w := newWorld(t, dir, "a", nil)
	first, waited, err := openStore(t.Context(), w.env, "key")
	if err != nil || waited {
		t.Fatal(waited, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, waited, err := openStore(ctx, w.env, "key"); err == nil || !waited {
		t.Errorf("a second one came in: %v", err)
	}
	listed, err := preprocess.ListCache(w.env.Cache)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(listed, func(c preprocess.Cached) bool { return c.Kind == "pretraining" })
	if at < 0 || listed[at].Remove() == nil {
		t.Fatalf("the cache let go of a pretraining under way: %+v", listed)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	if err := listed[at].Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(first.dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestKeepCopies: where links cannot be made, the run has a copy.
func TestKeepCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	testfiles.Write(t, from, "weights")
	if err := copied(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, []byte("weights")) {
		t.Errorf("got %q, %v", got, err)
	}
	if err := copied(filepath.Join(dir, "none"), to); err == nil {
		t.Error("nothing was copied, and nobody told")
	}
}

// TestBrokenStateIsToldAndDoneAgain, and so is what a finished one left.
func TestBrokenStateIsToldAndDoneAgain(t *testing.T) {
	dir := stripes(t)
	w := newWorld(t, dir, "a", nil)
	want := w.run(t)
	for _, name := range []string{backboneFile, "last.safetensors"} {
		found, err := filepath.Glob(filepath.Join(dir, "cache", preprocess.Pretrained, "*"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if err := os.Remove(filepath.Join(found[0], backboneFile)); err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, filepath.Join(found[0], name), "no weights")
		again := newWorld(t, dir, "b", nil)
		if got := again.run(t); !same(got, want) {
			t.Errorf("%s: other weights", name)
		}
		told := slices.ContainsFunc(again.heard.records, func(r stage.Record) bool {
			e, ok := r.(stage.Event)
			return ok && e.Level == "warning" && strings.Contains(e.Text, "begins again")
		})
		if !told {
			t.Errorf("%s: nobody was told", name)
		}
	}
}

// TestRunThatGoesOnNeedsNoCache: it has what it began with in its folder, and takes no other's.
func TestRunThatGoesOnNeedsNoCache(t *testing.T) {
	dir := stripes(t)
	w := newWorld(t, dir, "a", nil)
	want := w.run(t)
	if err := os.RemoveAll(filepath.Join(dir, "cache", preprocess.Pretrained)); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, dir, "a", nil)
	again.env.Resume = true
	if got := again.run(t); !same(got, want) || len(again.heard.losses()) != 0 {
		t.Errorf("it was trained again: losses %v", again.heard.losses())
	}
	other := newWorld(t, dir, "a", func(c *Config, _ *audit.Config) { c.Epochs = 2 })
	other.env.Resume = true
	if got := other.run(t); same(got, want) || len(other.heard.losses()) != 2 {
		t.Error("another pretraining was taken for it")
	}
}
