package stage

import (
	"strconv"
	"testing"
)

func TestAppendQuoted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", "1_l4_l5", `a"b`, `a\b`, "ü", "\x00\n", "\x7f", "\xff"} {
		if got, want := string(AppendQuoted([]byte("x"), text)), "x"+strconv.Quote(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
