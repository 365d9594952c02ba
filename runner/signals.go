package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// stopped is why a command ends when somebody stops it.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by " + s.signal.String() }

// Is makes it a cancellation like any other.
func (s stopped) Is(target error) bool { return target == context.Canceled }

// listen gives a context that Ctrl-C and SIGTERM cancel, so that the work under
// way is stored. A second signal ends the process at once.
func listen(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(stopped{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// resumable is an interruption after which something was stored, and what goes on
// with it.
type resumable struct {
	error
	how string // "the same command goes on"
}

func (r resumable) Unwrap() error { return r.error }

// interrupted tells whether what was finished is stored, and gives the exit code that
// shells expect after the signal.
func (w world) interrupted(err error) int {
	text := "interrupted"
	if r := (resumable{}); errors.As(err, &r) {
		text += "; what was finished is stored; " + r.how
	}
	fmt.Fprintln(w.err, "runner:", text)
	var s stopped
	if errors.As(err, &s) && s.signal == syscall.SIGTERM {
		return exitTerminated
	}
	return exitInterrupted
}
