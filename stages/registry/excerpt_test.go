package registry

import (
	"fmt"
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 500)
	for _, test := range []struct {
		p    Problem
		want string
	}{
		{Problem{File: "f", Line: 1, Column: 3, Text: "bad", Source: "a: b"}, "f:1:3: bad\n    1 | a: b\n      |   ^"},
		{Problem{File: "f", Line: 12345, Column: 1, Text: "bad", Source: "a: b"}, "f:12345:1: bad\n12345 | a: b\n      | ^"},
		{Problem{File: "f", Line: 1, Column: 5, Text: "bad", Source: "a: b"}, "f:1:5: bad\n    1 | a: b\n      |     ^"},
		{Problem{File: "f", Line: 1, Column: 4, Text: "bad", Source: "細い: b"}, "f:1:4: bad\n    1 | 細い: b\n      |      ^"},
		{Problem{File: "f", Line: 1, Column: 3, Text: "bad", Source: "\t\x1b[31m"}, "f:1:3: bad\n    1 |  \\u001b[31m\n      |        ^"},
		{Problem{File: "f", Line: 1, Column: 100, Text: "bad", Source: long},
			"f:1:100: bad\n    1 | …" + long[:60] + long[:40] + "…\n      | " + strings.Repeat(" ", 61) + "^"},
		// What has no place is a message alone.
		{Problem{File: "f", Line: 1, Column: 9, Text: "bad", Source: "a: b"}, "f:1:9: bad"},
		{Problem{File: "f", Line: 1, Text: "bad", Source: "a: b"}, "f:1: bad"},
		{Problem{File: "f", Line: 1, Column: 1, Text: "bad"}, "f:1:1: bad"},
	} {
		if got := test.p.Excerpt(); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

// Thousands of mistakes are not shown.
func TestProblemsAreCut(t *testing.T) {
	t.Parallel()
	var ps Problems
	for i := range most + 7 {
		ps = append(ps, Problem{File: "f", Line: i + 1, Text: "bad"})
	}
	if got := strings.Split(ps.Error(), "\n"); len(got) != most+1 || got[most] != "… and 7 more" || got[0] != "f:1: bad" {
		t.Error(fmt.Sprint(got))
	}
}
