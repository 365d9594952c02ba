package main

import (
	"testing"

	"vertebra/stages/audit"
)

func TestStretched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   audit.Guess
		want string
	}{
		{audit.Guess{Aspect: 1.1}, ""}, {audit.Guess{Aspect: 1.5}, "1.5 times as wide as high"}, {audit.Guess{Aspect: 0.5}, "2 times as high as wide"},
		{audit.Guess{Aspect: 2, Points: true}, ""}, {audit.Guess{}, ""},
	} {
		if got := (sketch{Guess: c.of}).Stretched(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.of, got, c.want)
		}
	}
}
