package preprocess

import "testing"

// TestToldOnce: a file that names the case is named once.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	for r, want := range map[Remark]string{
		{"a.dcm", "a.dcm: is cut off"}:   "a.dcm: is cut off",
		{"a.dcm", "no contrast"}:         "a.dcm: no contrast",
		{"case 3", "a.dcm: is cut off"}:  "case 3: a.dcm: is cut off",
		{"a.dcm", "a.dcm#2: is cut off"}: "a.dcm: a.dcm#2: is cut off",
	} {
		if got := r.told(same); got != want {
			t.Errorf("%+v is told as %q", r, got)
		}
	}
}
