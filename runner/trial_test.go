package main

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"vertebra/stages/stage"
	"vertebra/sweeps/queue"
)

// heard is what a trial told.
type heard struct{ messages []queue.Message }

func (h *heard) Tell(m queue.Message)           { h.messages = append(h.messages, m) }
func (h *heard) Ask(context.Context, int) error { return nil }

// A trial that a person pauses before it has opened the results has not failed; a full disk is
// the machine's fault, and no setting's, also where it comes with a hint.
func TestWhatEndsATrialBeforeItBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err        error
		told, kind string
	}{
		{fmt.Errorf("results: %w", context.Canceled), queue.TellPaused, ""},
		{stopped{syscall.SIGTERM}, queue.TellPaused, ""},
		{queue.ErrAlone, queue.TellPaused, ""},
		{stage.Fault{Err: syscall.ENOSPC, Hint: "free some space"}, queue.TellFailed, queue.Machine},
		{stage.Fault{Err: fmt.Errorf("a setting"), Hint: "another"}, queue.TellFailed, queue.User},
		{fmt.Errorf("something"), queue.TellFailed, queue.Crash},
	} {
		var h heard
		if err := (trial{line: &h, job: queue.Job{Run: "r"}}).fail(c.err); err == nil || len(h.messages) != 1 || h.messages[0].Type != c.told || h.messages[0].Kind != c.kind {
			t.Errorf("%v: got %v, told %+v", c.err, err, h.messages)
		}
	}
}
