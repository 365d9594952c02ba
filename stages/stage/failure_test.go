package stage

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
)

// A full disk is the machine's whatever it kept from being done; other kinds stay.
func TestKindOf(t *testing.T) {
	t.Parallel()
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("x"), ""},
		{Fault{Err: errors.New("x"), Hint: "y"}, ""},
		{Failure{What: BadData, Err: errors.New("x")}, BadData},
		{fmt.Errorf("a: %w", Failure{What: NotANumber, Err: errors.New("x")}), NotANumber},
		{full, Machine},
		{fmt.Errorf("a: %w", Failure{What: BadData, Err: fmt.Errorf("b: %w", full)}), Machine},
		{Failure{What: BadData, Err: errors.Join(errors.New("x"), Failure{What: Machine, Err: errors.New("locked")})}, Machine},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, ""},
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}
