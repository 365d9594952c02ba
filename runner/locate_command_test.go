package main

import (
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestPointsOfFrames: a frame is of the series that its file is, which the table need not name, and
// must not: it would be a series of that frame alone.
func TestPointsOfFrames(t *testing.T) {
	var out strings.Builder
	err := writePoints(&out, []audit.FoundPoint{
		{Case: stage.Case{ID: "a", Group: "g"}, Series: "v.nii", Image: "v.nii#3", Point: stage.Point{X: 1.25, Y: 2}, Chance: 0.5},
		{Case: stage.Case{ID: "b", Group: "g"}, Series: "s", Image: "s/4.dcm", Point: stage.Point{X: 1, Y: 2}, Chance: 0.25},
	})
	if want := "id,group,series,image,x,y,chance\na,g,,v.nii#3,1.250,2.000,0.5\nb,g,s,s/4.dcm,1.000,2.000,0.25\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v; want %q", out.String(), err, want)
	}
}
