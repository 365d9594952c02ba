package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// recorded keeps what is recorded.
type recorded []stage.Record

func (r *recorded) Record(_ context.Context, records ...stage.Record) error {
	*r = append(*r, records...)
	return nil
}

func (*recorded) Progress(stage.Progress) {}

// TestListeners: what comes up while nets are asked is said by the command that asks as its own, and
// kept by a validation for the end; what stages record goes where it goes.
func TestListeners(t *testing.T) {
	t.Parallel()
	told := []stage.Record{
		stage.Event{Level: "warning", Text: "left out"}, stage.Event{Level: "info", Text: "member b, 1 of 2"},
		stage.Event{Level: "warning", Stage: "audit", Text: "of a stage"}, stage.Event{Level: "info", Stage: "preprocess", Text: "of no matter"}, stage.Fact{Name: "a", Value: "b"},
	}
	var out strings.Builder
	w := world{err: &out, now: time.Now}
	if err := (onlyTroubles{newConsole(w)}).Record(t.Context(), told...); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "warning: left out\nmember b, 1 of 2\nwarning: audit: of a stage\n"; got != want {
		t.Errorf("predict says %q, want %q", got, want)
	}
	out.Reset()
	var stored recorded
	to := &listener{console: newConsole(w), to: &stored}
	if err := to.Record(t.Context(), told...); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "warning: left out\nmember b, 1 of 2\n"; got != want {
		t.Errorf("validate says %q, want %q", got, want)
	}
	if got, want := fmt.Sprint([]stage.Record(stored)), fmt.Sprint(told[2:]); got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
	if got := fmt.Sprint(to.warnings); got != "[{warning validate left out}]" {
		t.Errorf("kept %s", got)
	}
}
