package tsne

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
)

// reference is what scikit-learn computes: testdata/make_reference.py.
type reference struct {
	Rows       [][]float32
	Label      []int
	Joint      []float64 `json:"joint_row_0"`
	Divergence float64
	Gradient   []float64
	PCA        []float64
	Final      float64 `json:"final_divergence"`
}

func read(t *testing.T) (ref reference, squared []float64, n int) {
	t.Helper()
	parity.Read(t, "testdata/reference.json", &ref)
	return ref, Squared(ref.Rows), len(ref.Rows)
}

func close(t *testing.T, what string, got, want, near float64) {
	t.Helper()
	if !(math.Abs(got-want) <= near) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

func TestJoint(t *testing.T) {
	t.Parallel()
	ref, squared, n := read(t)
	got := joint(squared, n, perplexity)
	for j, want := range ref.Joint {
		close(t, "joint probability", got[j], want, 2e-5*slices.Max(ref.Joint))
	}
	sum := 0.0
	for _, p := range got {
		sum += p
	}
	close(t, "their sum", sum, 1, 1e-12)
}

// TestGradient takes the places of the script.
func TestGradient(t *testing.T) {
	t.Parallel()
	ref, squared, n := read(t)
	l := &layout{n: n, joint: joint(squared, n, perplexity)}
	for i := range n {
		l.places = append(l.places, [2]float64{3 * math.Sin(float64(i)), 3 * math.Cos(1.7*float64(i))})
	}
	close(t, "divergence", l.divergence(), ref.Divergence, 1e-5)
	for i, g := range l.gradient(1) {
		for d := range 2 {
			close(t, "gradient", g[d], ref.Gradient[2*i+d], 1e-7)
		}
	}
}

// TestBegin: the signs of components are nobody's choice.
func TestBegin(t *testing.T) {
	t.Parallel()
	ref, squared, n := read(t)
	got := begin(squared, n)
	for d := range 2 {
		sign := math.Copysign(1, got[0][d]*ref.PCA[d])
		for i, at := range got {
			close(t, "principal component", sign*at[d], ref.PCA[2*i+d], 1e-9)
		}
	}
}

// TestPlace: the layout is as good as scikit-learn's, and the same each time.
func TestPlace(t *testing.T) {
	t.Parallel()
	ref, squared, n := read(t)
	places, err := Place(t.Context(), squared, n)
	if err != nil {
		t.Fatal(err)
	}
	l := &layout{n: n, joint: joint(squared, n, perplexity), places: places}
	if got := l.divergence(); !(got <= 1.02*ref.Final) {
		t.Errorf("divergence %g, scikit-learn's is %g", got, ref.Final)
	}
	again, err := Place(t.Context(), squared, n)
	if err != nil || !slices.Equal(places, again) {
		t.Errorf("another layout: %v", err)
	}
}

// TestPlaceOfHardPoints: equal points, few points, and points far from each other have places.
func TestPlaceOfHardPoints(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]func(i int) []float32{
		"equal":           func(int) []float32 { return []float32{1, 2} },
		"two places":      func(i int) []float32 { return []float32{float32(i % 2)} },
		"one far away":    func(i int) []float32 { return []float32{map[bool]float32{true: 1e18}[i == 0], float32(i)} },
		"of no dimension": func(int) []float32 { return nil },
	} {
		for _, n := range []int{Least, 40} {
			var rows [][]float32
			for i := range n {
				rows = append(rows, row(i))
			}
			places, err := Place(t.Context(), Squared(rows), n)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range places {
				if math.IsNaN(at[0]+at[1]) || math.IsInf(at[0]+at[1], 0) {
					t.Fatalf("%s, %d points: %v", name, n, places)
				}
			}
		}
	}
}

func TestPlaceStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Place(ctx, make([]float64, 64), 8); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// BenchmarkPlace lays out as many points as a report shows of a split.
func BenchmarkPlace(b *testing.B) {
	const n = 600
	var rows [][]float32
	for i := range n {
		rows = append(rows, []float32{float32(i % 7), float32(i * i % 13), float32(i) / n})
	}
	squared := Squared(rows)
	for b.Loop() {
		if _, err := Place(b.Context(), squared, n); err != nil {
			b.Fatal(err)
		}
	}
}
