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

// listen gives a context that Ctrl-C, SIGTERM and a terminal that goes away cancel, so that
// the work under way is stored. A second signal ends the process at once. Below nohup, which
// ignores SIGHUP, it stays ignored.
func listen(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
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
	if errors.As(err, &s) {
		switch s.signal {
		case syscall.SIGTERM:
			return exitTerminated
		case syscall.SIGHUP:
			return exitHungUp
		}
	}
	return exitInterrupted
}

// outliveReaders lets a command that computes for hours go on where nobody reads any more what
// it says: a tee that was killed, a head that has enough. What it says is stored besides.
// Other commands end of it, as shells expect.
func outliveReaders() { signal.Ignore(syscall.SIGPIPE) }
