package stage

import (
	"errors"
	"syscall"
)

// The kinds of failures that programs tell apart.
const (
	OutOfMemory = "out of memory"
	NotANumber  = "not a number"
	BadData     = "data"
	// Machine is what no experiment is to blame for: a disk that is full, a database that
	// somebody else has locked. The same may work later.
	Machine = "machine"
)

// Failure is an error of a kind. Results store the kind beside the words, and a
// sweep does something about it.
type Failure struct {
	What string // one of the kinds
	Err  error
}

func (f Failure) Error() string { return f.Err.Error() }

// Unwrap gives the error without its kind.
func (f Failure) Unwrap() error { return f.Err }

// Kind is what results store.
func (f Failure) Kind() string { return f.What }

// ofMachine are what the operating system says of itself, not of what it was asked for.
var ofMachine = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN}

// KindOf gives the kind of an error; "" where it has none. What the machine is to blame for
// is of its kind whatever was being done: data that a full disk has no room for are not bad.
func KindOf(err error) string {
	for _, one := range ofMachine {
		if errors.Is(err, one) {
			return Machine
		}
	}
	var typed interface {
		error
		Kind() string
	}
	if !errors.As(err, &typed) {
		return ""
	}
	kind, inner := typed.Kind(), errors.Unwrap(typed)
	if inner != nil && KindOf(inner) == Machine {
		return Machine
	}
	return kind
}
