package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// Results in a folder that cannot be written to can be read, and each change is refused
// in words. (Root may write everywhere: the connection is made as if it could not.)
func TestReadOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "results.db")
	made, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	run := beginTest(t, made, "x")
	record(t, run, stage.Scalar{Name: "loss", Epoch: 1, Value: 0.5})
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(folder, 0o700)
	if got := onlyReadable(path); got != (os.Geteuid() != 0) {
		t.Errorf("only readable: %v", got)
	}
	beside, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db := &DB{path: path}
	if err := db.connectToRead(t.Context(), patience); err != nil {
		t.Fatal(err)
	}
	if rec := load(t, db, Latest); len(rec.Scalars) != 1 || rec.Scalars[0].Value != 0.5 {
		t.Errorf("got %v", rec.Scalars)
	}
	if _, err := db.Note(t.Context(), Latest, "a note"); err == nil || !strings.Contains(err.Error(), "can only be read") {
		t.Errorf("a change: got %v", err)
	}
	if _, err := db.Begin(t.Context(), RunInfo{Name: "y", Now: clock()}); err == nil || !strings.Contains(err.Error(), "can only be read") {
		t.Errorf("a run: got %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Error(err)
	}
	if err := db.Query(t.Context(), "DELETE FROM runs", func([]string, []any) error { return nil }); err == nil {
		t.Error("a query changed something")
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	after, err := os.ReadFile(path)
	if left, _ := os.ReadDir(folder); err != nil || string(after) != string(before) || len(left) != len(beside) {
		t.Errorf("the folder was changed: %v, %v", left, err)
	}
}
