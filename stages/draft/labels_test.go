package draft

import "testing"

// TestColumnsThatAreCalledLabels: a name that says so, or else the only one that has such a word.
func TestColumnsThatAreCalledLabels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columns []string
		want    int
	}{
		{[]string{"id", "grade", "label"}, 2},
		{[]string{"id", "age", "severity"}, 2},
		{[]string{"id", "tumor_grade", "age"}, 1},
		{[]string{"tumor_grade", "node_grade"}, -1},
		{[]string{"id", "age", "graded"}, -1},
		{nil, -1},
	} {
		if got := calledAsLabels(c.columns); got != c.want {
			t.Errorf("%q: got %d, want %d", c.columns, got, c.want)
		}
	}
}
