package main

import (
	"testing"
	"time"

	"vertebra/stages/preprocess"
)

// TestSize reads and writes sizes.
func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]size{"0": 0, "7": 7, "50GB": 50e9, " 1.5 mb ": 1.5e6, "3TB": 3e12, "12 B": 12, "2kB": 2000} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "-1", "-2GB", "nan", "NaN GB", "inf", "1e30", "2000000TB", "5 GiB", "5,5GB"} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a size: %d", text, got)
		}
	}
	for v, want := range map[size]string{0: "0 B", 999: "999 B", 1000: "1 kB", 1234567: "1.23 MB", 999.4e6: "999 MB", 999.6e6: "1 GB", 5e15: "5e+03 TB"} {
		if got := v.String(); got != want {
			t.Errorf("%d: %q, want %q", int64(v), got, want)
		}
	}
}

// TestChosen: what is cleared from the cache: what is named, what was unused for longer, and of the
// rest, the longest unused first, until so much is left.
func TestChosen(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e6, 0)
	w := world{now: func() time.Time { return now }}
	one := preprocess.Cached{ID: "ab", Used: now.Add(-2 * time.Hour)}
	limit := func(n size) *size { return &n }
	for name, c := range map[string]struct {
		what cacheClearCommand
		left size
		want bool
	}{
		"named": {cacheClearCommand{IDs: []string{"x", "ab"}}, 0, true}, "another is": {cacheClearCommand{IDs: []string{"x", "a"}}, 9, false}, "all": {cacheClearCommand{All: true}, 0, true},
		"unused for longer": {cacheClearCommand{UnusedFor: time.Hour}, 0, true}, "used since": {cacheClearCommand{UnusedFor: 3 * time.Hour}, 0, false}, "just as long": {cacheClearCommand{UnusedFor: 2 * time.Hour}, 0, false},
		"more is left": {cacheClearCommand{To: limit(5)}, 6, true}, "as much is left": {cacheClearCommand{To: limit(5)}, 5, false}, "down to nothing": {cacheClearCommand{To: limit(0)}, 1, true},
		"another is named, and more is left": {cacheClearCommand{IDs: []string{"x"}, To: limit(5)}, 6, true}, "nothing": {cacheClearCommand{}, 9, false},
	} {
		if got := c.what.chosen(w, one, c.left); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	all := []preprocess.Cached{one, {ID: "cd"}}
	if err := (cacheClearCommand{IDs: []string{"cd", "ab"}}).unknown(all); err != nil {
		t.Errorf("what is there is unknown: %v", err)
	}
	if err := (cacheClearCommand{IDs: []string{"cd", "ef"}}).unknown(all); err == nil || err.Error() != "the cache holds no \"ef\"\n  hint: runner cache ls lists what it holds" {
		t.Errorf("got %v", err)
	}
}
