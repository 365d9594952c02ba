package results

import (
	"testing"
	"time"

	"vertebra/stages/stage"
)

// TestState: whatever changes a list changes the state, and nothing else does.
func TestState(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := beginTest(t, db, "a"), beginTest(t, db, "b")
	state := func(id string) string {
		t.Helper()
		s, err := db.State(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ofA, ofB, all := state(a.ID()), state(b.ID()), state("")
	if all != state("") {
		t.Error("the state changes by itself")
	}
	for _, change := range []struct {
		name string
		do   func() error
	}{
		{"recorded", func() error { return a.Record(t.Context(), stage.Fact{Name: "x", Value: "y"}) }},
		{"tagged", func() error { _, err := db.Tag(t.Context(), a.ID(), []string{"t"}, nil); return err }},
		{"another tag in its place", func() error { _, err := db.Tag(t.Context(), a.ID(), []string{"u"}, []string{"t"}); return err }},
		{"noted", func() error { _, err := db.Note(t.Context(), a.ID(), "good"); return err }},
		{"another note as long", func() error { _, err := db.Note(t.Context(), a.ID(), "evil"); return err }},
		{"put away", func() error { _, err := db.Archive(t.Context(), a.ID(), time.Unix(1, 0)); return err }},
	} {
		name := change.name
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		if now := state(""); now == all {
			t.Errorf("%s: the state of all runs is the same", name)
		}
		if now := state(a.ID()); now == ofA {
			t.Errorf("%s: the state of the run is the same", name)
		}
		ofA, all = state(a.ID()), state("")
		if state(b.ID()) != ofB {
			t.Errorf("%s: the state of another run changed", name)
		}
	}
}
