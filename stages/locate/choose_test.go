package locate

import (
	"fmt"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestChooseInOneImage: of two points that look alike the net may take one for the other; where
// they lie to each other tells which is which, also in images without millimetres.
func TestChooseInOneImage(t *testing.T) {
	for _, spacing := range [][]float64{nil, {0.5, 0.5}} {
		sizes := newResized(audit.Cases{}, 64)
		r := &run{names: []string{"little finger", "thumb"}, ruler: ruler{sizes: sizes}}
		g := stage.NewGeometry(400, 200, spacing, nil, nil)
		for i := range 12 {
			image := fmt.Sprintf("hand %d", i)
			sizes.seen[image] = g
			x := 30 + 5*float64(i)
			r.scans = append(r.scans, scan{key: image, body: alone + image, split: stage.Train, slices: []string{image},
				spots: map[string]spot{"thumb": {image, stage.Point{X: x, Y: 200}}, "little finger": {image, stage.Point{X: x + 80, Y: 190}}}})
		}
		f := Finder{Locator: Locator{r.arrangement()}}
		in := scan{key: "new", body: alone + "new", slices: []string{"new"}}
		var seen []sighting
		for name, chances := range map[string][2]float64{"thumb": {0.4, 0.5}, "little finger": {0.5, 0.5}} {
			for i, p := range []stage.Point{{X: 60, Y: 195}, {X: 141, Y: 185}} {
				seen = append(seen, sighting{scan: "new", image: "new", name: name, point: p, chance: chances[i], at: in.placeOf(g, p)})
			}
		}
		found := f.choose(audit.Cases{}, []Wanted{{Name: "thumb", Image: "new"}, {Name: "little finger", Image: "new"}}, map[string][]sighting{in.body: seen})
		if len(found) != 2 || found[0].Point.X != 60 || found[1].Point.X != 141 {
			t.Errorf("spacing %v: found %+v", spacing, found)
		}
	}
}
