package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"vertebra/stages/stage"
)

// TestSaidOnce: what a later error repeats is left out, with its hint.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	const full, hint = "results r.db: the disk is full", "\n  hint: free some space"
	got := saidOnce("train: " + full + hint + "\n" + full + hint + "\nreport: " + full + hint + "\n" + full + hint)
	if want := "train: " + full + hint + "\nreport: " + full + hint; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	_, missing := os.Open("nowhere/file.csv")
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("reading: %w", missing), "reading: nowhere/file.csv: there is no such file or folder\n  hint: look at the path"},
		{stage.Fault{Err: fmt.Errorf("audit: %w", missing), Hint: "mend it"}, "audit: nowhere/file.csv: there is no such file or folder\n  hint: mend it"},
		{&fs.PathError{Op: "write", Path: "runs/.best.1", Err: syscall.ENOSPC}, "runs/.best.1: the disk is full\n  hint: free some space there, or write to another disk; what was stored is safe"},
		{&os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EACCES}, "b: the rights to it are missing\n  hint: look at who owns it (ls -ld), or name another place: --db, --runs, --cache, --reports"},
		{errors.Join(&fs.PathError{Op: "mkdir", Path: "runs", Err: syscall.EACCES}, &fs.PathError{Op: "mkdir", Path: "reports", Err: syscall.EACCES}),
			"runs: the rights to it are missing\nreports: the rights to it are missing\n  hint: look at who owns it (ls -ld), or name another place: --db, --runs, --cache, --reports"},
		{errors.New("something else"), "something else"},
	} {
		got := plain(c.err)
		if got.Error() != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
		if _, joined := c.err.(interface{ Unwrap() []error }); !joined && !errors.Is(got, c.err) && !strings.Contains(c.want, "something else") {
			t.Errorf("%v is lost", c.err)
		}
	}
	if plain(nil) != nil {
		t.Error("nothing became an error")
	}
}
