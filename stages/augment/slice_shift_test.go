package augment

import (
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// TestSliceShiftDraws: each number of slices from −by to by is as likely as the others.
func TestSliceShiftDraws(t *testing.T) {
	counts := map[int]int{}
	const draws = 7000
	for seed := range uint64(draws) {
		counts[int(SliceShift{By: 3}.Draw(stage.Rand(seed, "shift"), Size{})[0])]++
	}
	for by := -3; by <= 3; by++ {
		if n := counts[by]; n < draws/7*9/10 || n > draws/7*11/10 {
			t.Errorf("%d was drawn %d times of %d", by, n, draws)
		}
	}
	if len(counts) != 7 {
		t.Errorf("drawn were %v", counts)
	}
}

// slicesNamed has a pixel for each channel of n images: what it is called, 1000 times smaller.
func slicesNamed(s *torch.Scope, n, channels int) torch.Tensor {
	var pixels []float32
	for i := range n * channels {
		pixels = append(pixels, float32(i)/1000)
	}
	return s.FromFloat32(pixels, int64(n), int64(channels), 1, 1)
}

func named(s *torch.Scope, x torch.Tensor) (out []int) {
	for _, v := range s.Float64s(x) {
		out = append(out, int(1000*v+0.5))
	}
	return out
}

// TestSlicesOfViewsMoveTogether, within each view and never into another, together with reverse as
// the recipe's order says, and only in the images that drew so.
func TestSlicesOfViewsMoveTogether(t *testing.T) {
	do(t, func(s *torch.Scope) {
		p := &plan{batch: Batch{Samples: names(3), Slices: 3}, leaves: []leaf{
			{part: SliceShift{By: 2}, draws: []draw{{on: true, numbers: []float64{1}}, {}, {on: true, numbers: []float64{-2}}}},
			{part: Reverse{}, draws: []draw{{on: true}, {}, {}}},
		}}
		got := named(s, p.inOrder(s, slicesNamed(s, 3, 6)))
		want := []int{2, 2, 1, 5, 5, 4, 6, 7, 8, 9, 10, 11, 12, 12, 12, 15, 15, 15}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		p.batch.Slices = 1 // channels are no slices
		if got := named(s, p.inOrder(s, slicesNamed(s, 3, 6))); !slices.Equal(got, every(18)) {
			t.Errorf("of one slice: got %v", got)
		}
	})
}

// TestSliceDropoutLeavesWhatIsSeen: of five slices the net sees the middle three, and one of these
// stays, whatever those beside them drew; with fill: nearest, in each view.
func TestSliceDropoutLeavesWhatIsSeen(t *testing.T) {
	do(t, func(s *torch.Scope) {
		numbers := []float64{0.9, 0.1, 0.3, 0.2, 0.8, 0.7, 0.6, 0.1, 0.2, 0.9}
		for fill, want := range map[string][]int{
			// With share 1 all are drawn, and the largest that is seen stays: 6 of both views.
			"black":   {0, 0, 0, 0, 0, 0, 6, 0, 0, 0},
			"nearest": {2, 2, 2, 2, 2, 6, 6, 6, 6, 6},
		} {
			m := Images{Scope: s, Images_NCHW: slicesNamed(s, 1, 10), Slices: 5, Seen: 3, Numbers: [][]float64{numbers}}
			if got := named(s, SliceDropout{Share: 1, Fill: fill}.Apply(m)); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, want %v", fill, got, want)
			}
		}
		m := Images{Scope: s, Images_NCHW: slicesNamed(s, 1, 10), Slices: 5, Numbers: [][]float64{numbers}}
		if got, want := named(s, SliceDropout{Share: 1, Fill: "nearest"}.Apply(m)), []int{0, 0, 0, 0, 0, 9, 9, 9, 9, 9}; !slices.Equal(got, want) {
			t.Errorf("of all slices: got %v, want %v", got, want)
		}
	})
}

// TestSliceReach looks into choices.
func TestSliceReach(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"[rotate]": 0, "[slice_shift]": 1, "[slice_shift, one_of: {of: [blur, slice_shift: {by: 3}]}]": 3} {
		if got := parse(t, text).SliceReach(); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}
