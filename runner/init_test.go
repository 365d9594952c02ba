package main

import (
	"testing"

	"vertebra/stages/draft"
)

func TestStretched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   draft.Guess
		want string
	}{
		{draft.Guess{Aspect: 1.1}, ""}, {draft.Guess{Aspect: 1.5}, "1.5 times as wide as high"}, {draft.Guess{Aspect: 0.5}, "2 times as high as wide"},
		{draft.Guess{Aspect: 2, Points: true}, ""}, {draft.Guess{}, ""},
	} {
		if got := (sketch{Guess: c.of}).Stretched(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.of, got, c.want)
		}
	}
}
