package registry

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// How much of a long source line is shown: what stands before and after the
// place.
const (
	excerptBefore = 60
	excerptAfter  = 40
)

// Excerpt is Error, followed by the source line and a caret below the place
// where these are known:
//
//	a.yaml:3:9: train: no setting "bacth"; did you mean batch?
//	    3 | train: {bacth: 8}
//	      |         ^
func (p Problem) Excerpt() string {
	line := []rune(p.Source)
	if strings.TrimSpace(p.Source) == "" || p.Column < 1 || p.Column > len(line)+1 {
		return p.Error()
	}
	first, last := max(0, p.Column-1-excerptBefore), min(len(line), p.Column-1+excerptAfter)
	before, after := printable(string(line[first:p.Column-1])), printable(string(line[p.Column-1:last]))
	if first > 0 {
		before = "…" + before
	}
	if last < len(line) {
		after += "…"
	}
	gutter := fmt.Sprintf("%5d | ", p.Line)
	blank := strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", uniseg.StringWidth(before))
	return p.Error() + "\n" + gutter + before + after + "\n" + blank + "^"
}
