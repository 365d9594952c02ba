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

func TestShellWord(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "''", "a/b.csv": "a/b.csv", "größe/x_1-2.nii.gz": "größe/x_1-2.nii.gz", "PACS export": "'PACS export'", "it's": `'it'\''s'`, "a$b": "'a$b'", "(1)": "'(1)'", "a\nb": "'a\nb'", "~x": "'~x'"} {
		if got := ShellWord(path); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}
