package results

import (
	"slices"
	"testing"
)

// TestFingerprintOf: other texts, or other borders between them, are something else.
func TestFingerprintOf(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, texts := range [][]string{nil, {""}, {"", ""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {"c", "ab"}, {"1 a\n1 b"}} {
		sum := FingerprintOf(texts)
		if len(sum) != 64 || slices.Contains(seen, sum) || sum != FingerprintOf(slices.Clone(texts)) {
			t.Errorf("%q: got %s", texts, sum)
		}
		seen = append(seen, sum)
	}
}
