package audit

import "testing"

// TestWhy: each of a rule's hits has its own reason, where the rule does not say all.
func TestWhy(t *testing.T) {
	t.Parallel()
	f := Rule{ID: "x", Reason: "it cannot be read", Unit: "rows"}.finding([]hit{{id: "b", detail: "b is empty"}, {id: "a", detail: "a is cut off"}, {id: "c"}}, drop)
	if f.Reason != "it cannot be read; the first: b is empty" {
		t.Errorf("together: %q", f.Reason)
	}
	for id, want := range map[string]string{"a": "it cannot be read; a is cut off", "b": "it cannot be read; b is empty", "c": f.Reason} {
		if got := f.Why(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}
