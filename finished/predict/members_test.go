package predict

import (
	"testing"

	"vertebra/stages/stage"
)

// TestCommonCases: only cases that all members could predict are blended, in the order of the first.
func TestCommonCases(t *testing.T) {
	t.Parallel()
	say := func(ids string) (out []stage.Prediction) {
		for _, id := range ids {
			out = append(out, stage.Prediction{CaseID: string(id)})
		}
		return out
	}
	for _, c := range []struct {
		lists []string
		want  string
		left  int
	}{{[]string{"abcd", "dcba"}, "abcd", 0}, {[]string{"abcd", "dbx", "xbd"}, "bd", 3}, {[]string{"ab", "cd"}, "", 4}, {[]string{"ba"}, "ba", 0}} {
		var lists [][]stage.Prediction
		for _, ids := range c.lists {
			lists = append(lists, say(ids))
		}
		out, left := commonCases(lists)
		for _, items := range out {
			got := ""
			for _, item := range items {
				got += item.CaseID
			}
			if got != c.want || left != c.left {
				t.Errorf("%q: got %q without %d, want %q without %d", c.lists, got, left, c.want, c.left)
			}
		}
	}
}
