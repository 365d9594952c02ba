package locate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"vertebra/stages/arrangement"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// most is how many sightings of a name are weighed: those of most chance.
const most = 200

// choose takes of the sightings of each body those that lie as points do.
func (f Finder) choose(cases audit.Cases, wanted []Wanted, sightings map[string][]sighting) (out []Found) {
	chosen := map[string]map[string]sighting{}
	for _, w := range wanted {
		body := bodyOf(cases, w.Group, cmp.Or(w.Series, w.Image))
		if chosen[body] == nil {
			chosen[body] = f.together(sightings[body])
		}
		if s, seen := chosen[body][w.Name]; seen {
			w.Image, w.Series = s.image, ""
			if s.scan != s.image {
				w.Series = s.scan
			}
			out = append(out, Found{Wanted: w, Point: stage.Point{X: thousandths(s.point.X), Y: thousandths(s.point.Y)}, Chance: s.chance})
		}
	}
	return out
}

// thousandths of a pixel are what tables of points say: those who read one see what others do.
func thousandths(v float64) float64 { return math.Round(1000*v) / 1000 }

// together chooses the places of one body, by name.
func (f Finder) together(seen []sighting) map[string]sighting {
	of := make([][]sighting, len(f.Names))
	for _, s := range seen {
		k, _ := slices.BinarySearch(f.Names, s.name)
		of[k] = append(of[k], s)
	}
	candidates := make([][]arrangement.Candidate, len(f.Names))
	for k, all := range of {
		slices.SortStableFunc(all, func(a, b sighting) int {
			return cmp.Or(cmp.Compare(b.chance, a.chance), strings.Compare(a.image, b.image))
		})
		of[k] = all[:min(len(all), most)]
		for _, s := range of[k] {
			candidates[k] = append(candidates[k], arrangement.Candidate{At: s.at, Chance: s.chance})
		}
	}
	out := map[string]sighting{}
	picked := f.Choose(candidates)
	sure := f.Sure(candidates, picked)
	for k, i := range picked {
		if i >= 0 {
			s := of[k][i]
			s.chance = sure[k]
			out[f.Names[k]] = s
		}
	}
	return out
}
