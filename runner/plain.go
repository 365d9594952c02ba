package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"vertebra/stages/stage"
)

// troubles are what the operating system may say of a file, with what to do about it.
var troubles = []struct {
	is         error
	what, hint string
}{
	{syscall.ENOSPC, "the disk is full", "free some space there, or write to another disk; what was stored is safe"},
	{syscall.EDQUOT, "your share of the disk is used up", "free some space there, or write to another disk; what was stored is safe"},
	{syscall.EROFS, "the file system can only be read", "name another place: --db, --runs, --cache, --reports"},
	{fs.ErrPermission, "the rights to it are missing", "look at who owns it (ls -ld), or name another place: --db, --runs, --cache, --reports"},
	{syscall.EISDIR, "it is a folder", "name a file"},
	{syscall.ENOTDIR, "a part of this path is a file, no folder", "look at the path"},
	{fs.ErrNotExist, "there is no such file or folder", "look at the path"},
}

// plain says what the operating system says of files in the words of the other
// messages, with what to do where nothing says so yet.
func plain(err error) error {
	text, hint := "", ""
	each(err, func(cause error) {
		path := ""
		switch one := cause.(type) {
		case *fs.PathError:
			path = one.Path
		case *os.LinkError:
			path = one.New
		default:
			return
		}
		for _, known := range troubles {
			if errors.Is(cause, known.is) {
				text = strings.ReplaceAll(cmp.Or(text, err.Error()), cause.Error(), path+": "+known.what)
				hint = cmp.Or(hint, known.hint)
				return
			}
		}
	})
	fault := stage.Fault{}
	switch {
	case text == "":
		return err
	case errors.As(err, &fault):
		return spoken{text, err}
	}
	return stage.Fault{Err: spoken{text, err}, Hint: hint}
}

// saidOnce leaves out of joined errors what one before says too: a disk that is full is met
// by whatever is stored after it. Lines that begin with blanks belong to the one above.
func saidOnce(text string) string {
	var blocks []string
	for _, line := range strings.Split(text, "\n") {
		if last := len(blocks) - 1; strings.HasPrefix(line, "  ") && last >= 0 {
			blocks[last] += "\n" + line
			continue
		}
		blocks = append(blocks, line)
	}
	var kept []string
	for _, block := range blocks {
		if !slices.ContainsFunc(kept, func(before string) bool { return strings.Contains(before, block) }) {
			kept = append(kept, block)
		}
	}
	return strings.Join(kept, "\n")
}

// each visits an error and all that it wraps.
func each(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch w := err.(type) {
	case interface{ Unwrap() error }:
		each(w.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, inner := range w.Unwrap() {
			each(inner, visit)
		}
	}
}

// spoken is an error in other words.
type spoken struct {
	text string
	error
}

func (s spoken) Error() string { return s.text }

// Unwrap gives the error.
func (s spoken) Unwrap() error { return s.error }
