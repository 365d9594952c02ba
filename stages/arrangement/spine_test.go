package arrangement

import (
	"math"
	"math/rand/v2"
)

// spines makes patients up whose points are seen as a net would see them: RSNA's 25 names, of
// five conditions at five levels.
type spines struct {
	// wrong is the part of the sagittal points that the net puts one level off.
	wrong float64
}

const spineLevels = 5

var spineConditions = []string{"canal", "left foramen", "right foramen", "left recess", "right recess"}

func spineNames() []string {
	var names []string
	for _, condition := range spineConditions {
		for _, level := range []string{"L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"} {
			names = append(names, condition+" "+level)
		}
	}
	return names
}

// axial says whether a name's points lie on axial slices.
func axialName(k int) bool { return k/spineLevels >= 3 }

// places are a patient's: of differing size, bend, tilt and position.
func (spines) places(r *rand.Rand) []*Place {
	size, bend := 1+0.08*r.NormFloat64(), 8+4*r.NormFloat64()
	tilt, lean := 7*r.NormFloat64()*math.Pi/180, 4*r.NormFloat64()*math.Pi/180
	at := Place{30 * r.NormFloat64(), 40 * r.NormFloat64(), 200 * r.NormFloat64()}
	var discs [spineLevels]float64 // below L1/L2
	for l := 1; l < spineLevels; l++ {
		discs[l] = discs[l-1] + size*(31+float64(l)+1.5*r.NormFloat64())
	}
	out := make([]*Place, 0, len(spineConditions)*spineLevels)
	for _, local := range [][2]float64{{0, 10}, {15, 5}, {-15, 5}, {12, 7}, {-12, 7}} {
		for l := range spineLevels {
			along := discs[l] - discs[2]
			x := size*local[0] + r.NormFloat64()
			y := size*local[1] + bend*(along*along/4900-1) + r.NormFloat64()
			z := -along + r.NormFloat64()
			x, z = x*math.Cos(lean)-z*math.Sin(lean), x*math.Sin(lean)+z*math.Cos(lean)
			y, z = y*math.Cos(tilt)-z*math.Sin(tilt), y*math.Sin(tilt)+z*math.Cos(tilt)
			out = append(out, &Place{at.X + x, at.Y + y, at.Z + z})
		}
	}
	return out
}

// training are studies as people mark them: some points are missing, and in some studies a
// condition is counted one level off.
func (s spines) training(r *rand.Rand, n int) [][]*Place {
	out := make([][]*Place, n)
	for i := range out {
		out[i] = s.places(r)
		if r.Float64() < 0.1 {
			from := r.IntN(len(spineConditions)) * spineLevels
			copy(out[i][from:from+4], out[i][from+1:from+5])
			out[i][from+4] = nil
		}
		for k := range out[i] {
			if r.Float64() < 0.05 {
				out[i][k] = nil
			}
		}
	}
	return out
}

// seen are a patient's candidates, one for each name and slice. A net is sure of sagittal
// points, also of wrong ones; an axial slice says whether it is at a disc, and hardly at which.
func (s spines) seen(r *rand.Rand, truth []*Place) [][]Candidate {
	out := make([][]Candidate, len(truth))
	start := r.Float64()
	for k, at := range truth {
		if !axialName(k) {
			out[k] = s.sagittal(r, truth, k, start)
			continue
		}
		for z := truth[0].Z + 30 + 4*start; z > truth[spineLevels-1].Z-30; z -= 4 {
			disc := 1e-4
			for _, other := range truth[:spineLevels] {
				disc += 0.2 * math.Exp(-(z-other.Z)*(z-other.Z)/2/9)
			}
			disc *= math.Exp(0.2 * r.NormFloat64())
			out[k] = append(out[k], Candidate{&Place{at.X + r.NormFloat64(), at.Y + r.NormFloat64(), z}, disc})
		}
	}
	return out
}

// sagittal are the candidates of 15 slices that lie 4 mm apart.
func (s spines) sagittal(r *rand.Rand, truth []*Place, k int, start float64) []Candidate {
	shown := truth[k]
	if r.Float64() < s.wrong {
		off := k + 1
		if k%spineLevels == spineLevels-1 || k%spineLevels > 0 && r.Float64() < 0.5 {
			off = k - 1
		}
		shown = truth[off]
	}
	var out []Candidate
	for i := range 15 {
		x := truth[2].X + float64(i-7)*4 + 4*start
		away := math.Abs(x - shown.X)
		p := &Place{x, shown.Y + r.NormFloat64(), shown.Z + r.NormFloat64()}
		if away > 2 && r.Float64() < 0.5 { // far from the point, a slice may show it anywhere
			p = &Place{x, truth[k].Y + 4*r.NormFloat64(), truth[r.IntN(spineLevels)].Z + 4*r.NormFloat64()}
		}
		out = append(out, Candidate{p, max(0.9*math.Exp(-away*away/2/4), 1e-5)})
	}
	return out
}
