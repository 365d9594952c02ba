package results

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"vertebra/stages/stage"
)

func fault(hint, format string, args ...any) error {
	return stage.Fault{Err: fmt.Errorf(format, args...), Hint: hint}
}

// sayings turn SQLite's codes into what a person can do about them.
var sayings = map[sqlite3.ErrNo]struct{ what, hint string }{
	sqlite3.ErrNotADB:   {"is not a database", "give another path, or move the file away; a new one is made"},
	sqlite3.ErrCorrupt:  {"is damaged", "copy it, then try: sqlite3 results.db .recover"},
	sqlite3.ErrCantOpen: {"cannot be opened", "the file or its folder may belong to somebody else: the folder must be writable too"},
	sqlite3.ErrPerm:     {"may not be used", "the file may belong to somebody else"},
	sqlite3.ErrReadonly: {"can only be read", "make the file and its folder writable, or give another path"},
	sqlite3.ErrBusy:     {"is locked by another program", "close the program that has it open for writing, then try again"},
	sqlite3.ErrLocked:   {"is locked", "try again"},
	sqlite3.ErrFull:     {"cannot grow: the disk is full", "free some space; everything that was stored is safe"},
	sqlite3.ErrIoErr:    {"cannot be read or written", "the disk or the network drive has a problem; keep results.db on a local disk"},
}

// explain says in words what SQLite says in codes. Other errors pass.
func explain(path string, err error) error {
	var coded sqlite3.Error
	if !errors.As(err, &coded) {
		return err
	}
	code := coded.Code
	if coded.SystemErrno == syscall.ENOSPC || coded.SystemErrno == syscall.EDQUOT {
		code = sqlite3.ErrFull // an error of reading or writing, to SQLite
	}
	if said, ok := sayings[code]; ok {
		return stage.Failure{What: stage.Machine, Err: fault(said.hint, "results %s: the file %s: %w", path, said.what, coded)}
	}
	return fmt.Errorf("results %s: %w", path, err)
}
