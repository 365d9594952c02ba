package dicom

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	sagittal = []float64{0, 1, 0, 0, 0, -1} // rows to the back, columns to the feet
	axial    = []float64{1, 0, 0, 0, 1, 0}
	coronal  = []float64{1, 0, 0, 0, 0, -1}
)

func slice(instance int, orientation []float64, position ...float64) Header {
	return Header{InstanceNumber: &instance, Orientation: orientation, Position: position}
}

// tilted is axial, turned about the patient's x axis.
func tilted(degrees float64) []float64 {
	s, c := math.Sincos(degrees * math.Pi / 180)
	return []float64{1, 0, 0, 0, c, s}
}

func TestPlaneOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		orientation []float64
		want        Plane
		tilt        float64
	}{
		{sagittal, Sagittal, 0},
		{coronal, Coronal, 0},
		{axial, Axial, 0},
		{[]float64{-1, 0, 0, 0, -1, 0}, Axial, 0},
		{tilted(20), Axial, 20},
		{tilted(70), Coronal, 20},
		{nil, Unknown, 0},
		{[]float64{1, 0, 0}, Unknown, 0},
		{[]float64{0, 0, 0, 0, 0, 0}, Unknown, 0},
		{[]float64{1, 0, 0, 1, 0, 0}, Unknown, 0},
		{[]float64{math.NaN(), 0, 0, 0, 1, 0}, Unknown, 0},
	} {
		got, tilt := PlaneOf(test.orientation)
		if got != test.want || !(math.Abs(tilt-test.tilt) <= 1e-6) {
			t.Errorf("%v: got %q tilted by %g, want %q by %g", test.orientation, got, tilt, test.want, test.tilt)
		}
	}
}

// TestPatient places a pixel by hand: two rows down at 0.5 mm, three columns on
// at 0.25 mm, in a sagittal image.
func TestPatient(t *testing.T) {
	t.Parallel()
	h := slice(1, sagittal, 10, -20, 30)
	if _, ok := h.Patient(3, 2); ok {
		t.Error("got a place without a spacing")
	}
	h.PixelSpacing = []float64{0.5, 0.25}
	if got, ok := h.Patient(3, 2); !ok || got != (Vector{10, -19.25, 29}) {
		t.Errorf("got %v, want [10 -19.25 29]", got)
	}
}

func TestStacksOrder(t *testing.T) {
	t.Parallel()
	var series []Header
	for i := range 9 { // instance numbers run against the position
		series = append(series, slice(9-i, sagittal, float64(i)*4.4-20, 3, 100))
	}
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	got := Stacks(series)
	if len(got) != 1 || !slices.Equal(got[0].Slices, want) || got[0].Order != ByPosition || got[0].Plane != Sagittal {
		t.Fatalf("got %+v, want one sagittal stack 0…8", got)
	}
	if !(math.Abs(got[0].Spacing-4.4) <= 1e-9) || got[0].Gaps != nil || got[0].Repeats != nil {
		t.Errorf("got %+v, want a spacing of 4.4 without gaps and repeats", got[0])
	}
	// The order does not depend on how the files come, nor on the row's sense.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(series), func(i, j int) { series[i], series[j] = series[j], series[i] })
	for i := range series {
		series[i].Orientation = []float64{0, -1, 0, 0, 0, -1}
	}
	for i, slice := range Stacks(series)[0].Slices {
		if want := float64(i)*4.4 - 20; series[slice].Position[0] != want {
			t.Errorf("slice %d: got x %g, want %g", i, series[slice].Position[0], want)
		}
	}
}

// TestStacksOfDiscs is an axial series of three discs, each with its own tilt,
// whose slices are 4 mm apart along their normal but not along z.
func TestStacksOfDiscs(t *testing.T) {
	t.Parallel()
	var series []Header
	for disc, degrees := range []float64{-5, 10, 25} {
		s, c := math.Sincos(degrees * math.Pi / 180)
		for i := range 5 {
			mm := float64(i) * 4
			series = append(series, slice(len(series)+1, tilted(degrees), 0, -s*mm, float64(-30*disc)+c*mm))
		}
	}
	got := Stacks(series)
	if len(got) != 3 {
		t.Fatalf("got %d stacks, want 3", len(got))
	}
	for i, first := range []int{10, 5, 0} { // feet to head
		if want := []int{first, first + 1, first + 2, first + 3, first + 4}; !slices.Equal(got[i].Slices, want) {
			t.Errorf("stack %d: got %v, want %v", i, got[i].Slices, want)
		}
		if !(math.Abs(got[i].Spacing-4) <= 1e-9) {
			t.Errorf("stack %d: got a spacing of %g, want 4", i, got[i].Spacing)
		}
	}
}

func TestStacksGapsAndRepeats(t *testing.T) {
	t.Parallel()
	var series []Header
	for i, z := range []float64{0, 4, 8, 8, 12, 24, 28.5} {
		series = append(series, slice(7-i, axial, 1, 2, z))
	}
	got := Stacks(series)[0]
	if got.Spacing != 4 || !slices.Equal(got.Gaps, []int{4}) || !slices.Equal(got.Repeats, []int{2}) {
		t.Errorf("got %+v, want spacing 4, a gap behind 4, a repeat behind 2", got)
	}
	if want := []int{0, 1, 3, 2, 4, 5, 6}; !slices.Equal(got.Slices, want) {
		t.Errorf("got %v, want %v: at the same place the instance number decides", got.Slices, want)
	}
}

func TestStacksOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	bare := func(position ...float64) Header { return Header{Position: position} }
	numbered := func(n int) Header { return Header{InstanceNumber: &n} }
	for _, test := range []struct {
		name   string
		series []Header
		want   [][]int
		order  Order
	}{
		{"nothing", nil, nil, ""},
		{"no orientation", []Header{bare(1, 0, 9), bare(1, 0, 3), bare(1, 0, 6)}, [][]int{{1, 2, 0}}, ByLine},
		{"one place", []Header{bare(1, 2, 3), bare(1, 2, 3)}, [][]int{{0, 1}}, ByLine},
		{"no position", []Header{numbered(3), numbered(1), numbered(2)}, [][]int{{1, 2, 0}}, ByInstance},
		{"nothing at all", []Header{{}, numbered(1), {}}, [][]int{{0, 1, 2}}, ByInput},
		{"short position", []Header{bare(1, 2), bare(1)}, [][]int{{0, 1}}, ByInput},
		{"some of each", []Header{{}, bare(1, 2, 3), slice(1, axial, 0, 0, 0), slice(1, sagittal, 0, 0, 0)}, [][]int{{3}, {2}, {1}, {0}}, ByInput},
	} {
		var got [][]int
		var order Order
		for _, s := range Stacks(test.series) {
			got, order = append(got, s.Slices), s.Order
		}
		if !slices.EqualFunc(got, test.want, slices.Equal[[]int]) || order != test.order {
			t.Errorf("%s: got %v by %q, want %v by %q", test.name, got, order, test.want, test.order)
		}
	}
}
