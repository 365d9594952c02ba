package stage

import (
	"strings"
	"testing"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "äöü": "äöü", "äöüx": "äö…"} {
		if got := Clip(text, 3); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{"": "", "a": "a", "a b c d e f": "a, b, c, d, e, f", "a b c d e f g": "a, b, c, d, e, … 7 values"} {
		if got := Shortened(strings.Fields(words)); got != want {
			t.Errorf("%s: got %s, want %s", words, got, want)
		}
	}
}
