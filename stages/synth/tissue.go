package synth

import (
	"math"
	"math/rand/v2"
)

// tissues is the brightness of what a picture shows, where fluid on T2 and fat
// on T1 are about 1.
type tissues struct {
	air, fat, marrow, core, ring, fluid, nerve, muscle, cortex, vessel float64
}

// contrasts are the usual ones of spin echo pictures; stir is T2 without fat.
var (
	t1   = tissues{air: 0.02, fat: 1, marrow: 0.6, core: 0.4, ring: 0.3, fluid: 0.17, nerve: 0.4, muscle: 0.33, cortex: 0.08, vessel: 0.1}
	t2   = tissues{air: 0.02, fat: 0.75, marrow: 0.46, core: 0.8, ring: 0.16, fluid: 1, nerve: 0.5, muscle: 0.22, cortex: 0.06, vessel: 0.05}
	stir = tissues{air: 0.02, fat: 0.16, marrow: 0.22, core: 0.6, ring: 0.1, fluid: 1, nerve: 0.4, muscle: 0.24, cortex: 0.06, vessel: 0.08}
)

// newTissues varies the contrast between scanners; a quarter of the sagittal T2
// series are STIR.
func newTissues(r *rand.Rand, k kind) tissues {
	t := t2
	without := r.Float64() < 0.25
	switch {
	case k == sagittalT1:
		t = t1
	case k == sagittalT2 && without:
		t = stir
	}
	gamma := uniform(r, 0.85, 1.15)
	for _, v := range []*float64{&t.fat, &t.marrow, &t.core, &t.ring, &t.fluid, &t.nerve, &t.muscle, &t.vessel} {
		*v = math.Pow(*v*uniform(r, 0.9, 1.1), gamma)
	}
	return t
}

// brush paints shapes over one another with soft edges. Every shape is told by
// its signed distance in millimetres, negative inside.
type brush struct {
	tissues
	soft  float64 // half the width of an edge, mm
	grain *grain
}

// over lays a tissue over a value where the distance is negative.
func (b *brush) over(value, tissue, distance float64) float64 {
	switch {
	case distance >= b.soft:
		return value
	case distance <= -b.soft:
		return tissue
	}
	share := 0.5 - distance/(2*b.soft)
	return value + (tissue-value)*share*share*(3-2*share)
}

// bone lays marrow with a dark rim.
func (b *brush) bone(value, distance float64) float64 {
	value = b.over(value, b.cortex, distance)
	return b.over(value, b.marrow, distance+1.2)
}

// ellipse is the distance to an ellipse, exact on its axes and near enough
// elsewhere.
func ellipse(x, y, halfX, halfY float64) float64 {
	return (math.Sqrt(x*x/(halfX*halfX)+y*y/(halfY*halfY)) - 1) * min(halfX, halfY)
}

// box is the distance to a rectangle with square corners.
func box(x, y, halfX, halfY float64) float64 { return max(math.Abs(x)-halfX, math.Abs(y)-halfY) }

// pill is the distance to a rectangle with corners rounded by 3 mm.
func pill(x, y, halfX, halfY float64) float64 {
	x, y = math.Abs(x)-halfX+3, math.Abs(y)-halfY+3
	if x <= 0 || y <= 0 {
		return max(x, y) - 3
	}
	return math.Sqrt(x*x+y*y) - 3
}

// grain is smooth random texture: what muscle, bowel and marrow look like.
type grain [grainSide * grainSide]float64

const grainSide = 64

func newGrain(r *rand.Rand) *grain {
	var g grain
	for i := range g {
		g[i] = uniform(r, -1, 1)
	}
	return &g
}

// at interpolates between random values that lie one unit apart.
func (g *grain) at(x, y float64) float64 {
	floorX, floorY := math.Floor(x), math.Floor(y)
	fx, fy := x-floorX, y-floorY
	i, j := int(floorX)&(grainSide-1), int(floorY)&(grainSide-1)
	right, below := (i+1)&(grainSide-1), (j+1)&(grainSide-1)*grainSide
	j *= grainSide
	top := g[j+i] + (g[j+right]-g[j+i])*fx
	bottom := g[below+i] + (g[below+right]-g[below+i])*fx
	return top + (bottom-top)*fy
}
