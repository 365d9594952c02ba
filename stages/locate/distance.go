package locate

import (
	"math"
	"slices"

	"vertebra/stages/stage"
)

// ruler measures how far a place lies from where it should be.
type ruler struct {
	sizes *resized
	inMM  bool // all images say how large their pixels are
}

// newRuler looks at the images of some scans.
func newRuler(sizes *resized, scans []scan) (ruler, error) {
	r := ruler{sizes, true}
	for _, s := range scans {
		for _, at := range s.spots {
			g, err := sizes.of(at.image)
			if err != nil {
				return r, err
			}
			r.inMM = r.inMM && g.RowSpacing > 0
		}
	}
	return r, nil
}

func (r ruler) unit() string {
	if r.inMM {
		return "mm"
	}
	return "px"
}

// near is how far a found point may be off: 10 mm, a third of a vertebra's height, or where
// nobody knows millimetres a twenty-fifth of the image's longer side.
func (r ruler) near(at spot) float64 {
	if r.inMM {
		return 10
	}
	g, _ := r.sizes.of(at.image) // newRuler has seen it
	return float64(max(g.Rows, g.Columns)) / 25
}

// between is the distance of two places in the patient, or in one image; infinite where they
// lie in two images and nobody knows how these lie to each other.
func (r ruler) between(a, b spot) (float64, error) {
	ga, err := r.sizes.of(a.image)
	if err != nil {
		return 0, err
	}
	gb, err := r.sizes.of(b.image)
	if err != nil {
		return 0, err
	}
	switch dx, dy := b.point.X-a.point.X, b.point.Y-a.point.Y; {
	case r.inMM && ga.Placed() && gb.Placed():
		p, q := ga.At(a.point), gb.At(b.point)
		return math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2]), nil
	case a.image != b.image:
		return math.Inf(1), nil
	case r.inMM:
		return math.Hypot(dx*ga.ColumnSpacing, dy*ga.RowSpacing), nil
	default:
		return math.Hypot(dx, dy), nil
	}
}

// misses are how far found points were off, each with what counts as near.
type misses struct{ far, near []float64 }

func (m *misses) add(far, near float64) { m.far, m.near = append(m.far, far), append(m.near, near) }

// share is how many are near.
func (m misses) share() float64 {
	hits := 0
	for i, far := range m.far {
		if far <= m.near[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(m.far))
}

// farthest is what a distance counts at most, in the mean: five times what is near.
const farthest = 5

// mean is that of distances, of which none counts more than farthest.
func (m misses) mean() float64 {
	sum := 0.0
	for i, far := range m.far {
		sum += min(far, farthest*m.near[i])
	}
	return sum / float64(len(m.far))
}

// quantile is the smallest distance that so large a share does not exceed.
func (m misses) quantile(share float64) float64 {
	sorted := slices.Sorted(slices.Values(m.far))
	const rounding = 1e-9 // 0.9 of 70 is a little more than 63
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))-rounding))-1)]
}

// scalars are the numbers of some points; none where there are none.
func (m misses) scalars(unit string) []stage.Scalar {
	if len(m.far) == 0 {
		return nil
	}
	return []stage.Scalar{
		{Name: distanceName, Title: "Distance of found points from labelled ones, mean", Value: m.mean(), Unit: unit, Better: stage.LowerBetter},
		{Name: "points_found", Title: "Share of points found where they are labelled", Value: m.share(), Better: stage.HigherBetter},
	}
}

const distanceName = "point_distance"
