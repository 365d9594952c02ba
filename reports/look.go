package reports

import (
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"vertebra/stages/stage"
)

// look is how a line is told from the others: by colour and, for those who do
// not see colours and for print, by dashes.
type look struct {
	Ink    int // index into the palette of style.css (--ink-0 …)
	Dashes []vg.Length
	Thin   bool // one of several that another line sums up
}

// inks is the length of the palette in style.css: the colours of Okabe and Ito
// (https://jfly.uni-koeln.de/color/), darker on white and lighter on black so
// that each keeps a contrast of 3 with the page.
const inks = 7

var dashes = [][]vg.Length{nil, {6, 3}, {2, 2.5}, {9, 3, 2, 3}, {12, 4}, {4, 2, 4, 6}, {1.5, 4}}

func lookAt(i int) look {
	return look{Ink: i % inks, Dashes: dashes[(i+i/len(dashes))%len(dashes)]}
}

// splitSlots are the splits in the order of how often a plot has them.
var splitSlots = []string{string(stage.Validation), string(stage.Train), string(stage.Test)}

// looksOf gives each label its look. The splits have one look in every plot;
// other labels take the rest in turn.
func looksOf(labels []string) []look {
	looks, taken := make([]look, len(labels)), map[int]bool{}
	slot := func(label string) int { return slices.Index(splitSlots, label) }
	for i, label := range labels {
		if s := slot(label); s >= 0 {
			looks[i], taken[s] = lookAt(s), true
		}
	}
	next := 0
	for i, label := range labels {
		if slot(label) >= 0 {
			continue
		}
		for taken[next] {
			next++
		}
		looks[i] = lookAt(next)
		next++
	}
	if len(looks) == 1 {
		looks[0].Dashes = nil // nothing to be told from
	}
	return looks
}

// keyView is one entry of a legend.
type keyView struct {
	Label, Note string
	Ink         int
	Dash        string // as stroke-dasharray
}

func newKey(label, note string, l look) keyView {
	var parts []string
	for _, d := range l.Dashes {
		parts = append(parts, strconv.FormatFloat(d.Points(), 'g', -1, 64))
	}
	return keyView{Label: label, Note: note, Ink: l.Ink, Dash: strings.Join(parts, ",")}
}
