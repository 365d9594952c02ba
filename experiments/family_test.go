package experiments

import "testing"

// TestFamily: an experiment is the same whatever its seed, name and purpose, and nothing else.
func TestFamily(t *testing.T) {
	t.Parallel()
	of := func(text string) string {
		hash, err := Family(text)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	base := of("name: a\nseed: 1\ntrain: {batch: 8}\n")
	for text, same := range map[string]bool{
		"name: b\npurpose: why\nseed: 2\ntrain: {batch: 8}\n": true, "train: {batch: 8}\n": true,
		"name: a\nseed: 1\ntrain: {batch: 9}\n": false, "name: a\nseed: 1\ntrain: {batch: 8, seed: 1}\n": false, "[]": false, "": false, "just words": false,
	} {
		if got := of(text) == base; got != same {
			t.Errorf("%q is of the family: %v, want %v", text, got, same)
		}
	}
	one, err := Family("a: {b: {c: 1, d: 2}}\n", "a.b.c", "a.x", "y.z", "a.b.d.e")
	two, other := Family("a: {b: {d: 2}}\n")
	if err != nil || other != nil || one != two {
		t.Errorf("a setting within others is not left out: %v, %v", err, other)
	}
	if _, err := Family("{"); err == nil {
		t.Error("what is no YAML has a family")
	}
}
