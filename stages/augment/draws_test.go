package augment

import (
	"math"
	"testing"

	"vertebra/stages/stage"
)

// drawn are the numbers of many draws of a part, number by number.
func drawn(t *testing.T, text string, size Size) (all [][]float64) {
	t.Helper()
	part := parse(t, "["+text+"]")[0].Part.(Random)
	for i := range 4000 {
		numbers := part.Draw(stage.Rand(3, text, i), size)
		if all == nil {
			all = make([][]float64, len(numbers))
		}
		for k, v := range numbers {
			all[k] = append(all[k], v)
		}
	}
	return all
}

// even wants numbers that fill a range evenly.
func even(t *testing.T, what string, values []float64, low, high float64) {
	t.Helper()
	least, most, sum := math.Inf(1), math.Inf(-1), 0.0
	for _, v := range values {
		least, most, sum = min(least, v), max(most, v), sum+v/float64(len(values))
	}
	width := high - low
	if !(least >= low && least <= low+0.01*width && most <= high && most >= high-0.01*width && math.Abs(sum-(low+high)/2) <= 0.03*width+1e-9) {
		t.Errorf("%s: from %v to %v with the mean %v, want all of %v to %v", what, least, most, sum, low, high)
	}
}

// TestDraws: what is drawn fills the range that the setting stands for, and no more.
func TestDraws(t *testing.T) {
	t.Parallel()
	both := func(v float64) [][2]float64 { return [][2]float64{{-v, v}, {-v, v}} }
	corners := make([][2]float64, 8)
	for i := range corners {
		corners[i] = [2]float64{0, 0.15}
	}
	for text, want := range map[string][][2]float64{
		"rotate: {degrees: 20}": {{-20, 20}}, "brightness: {by: 0.2}": {{0.8, 1.2}}, "contrast: {by: 0.3}": {{0.7, 1.3}}, "noise: {std: 0.1}": {{0, 0.1}},
		"blur: {sigma: 2}": {{0, 2}}, "sharpen: {amount: 1.5, sigma: 2}": {{0, 1.5}, {2, 2}}, "shift: {by: 0.1}": both(0.1), "shear: {degrees: 9, axes: both}": both(9),
		"shear: {degrees: 9, axes: horizontal}": {{-9, 9}, {0, 0}}, "shear: {degrees: 9, axes: vertical}": {{0, 0}, {-9, 9}},
		"zoom: {by: 0.25, axes: apart}": {{0.75, 1.25}, {0.75, 1.25}}, "perspective: {by: 0.3}": corners,
		"bias_field: {by: 0.4, order: 1}": {{0, 0}, {-0.4, 0.4}, {-0.4, 0.4}}, "flip: {horizontal: 1, vertical: 0}": {{1, 1}, {0, 0}},
	} {
		got := drawn(t, text, Size{Height: 20, Width: 50})
		if len(got) != len(want) {
			t.Errorf("%s: %d numbers, want %d", text, len(got), len(want))
			continue
		}
		for k, w := range want {
			even(t, text, got[k], w[0], w[1])
		}
	}
	together := drawn(t, "zoom: {by: 0.25, axes: together}", Size{})
	for i, x := range together[0] {
		if together[1][i] != x {
			t.Fatalf("together are %v and %v", x, together[1][i])
		}
	}
	gammas := drawn(t, "gamma: {by: 0.5}", Size{})[0] // as often brighter as darker
	for i := range gammas {
		gammas[i] = math.Log(gammas[i])
	}
	even(t, "gamma", gammas, -math.Log(1.5), math.Log(1.5))
}

// TestDrawsOfCrops: the share of the area and of width to height are as asked for, and the crop
// lies anywhere within the image.
func TestDrawsOfCrops(t *testing.T) {
	t.Parallel()
	got := drawn(t, "resized_crop: {area: [0.2, 0.5], ratio: [0.8, 1.25]}", Size{})
	var area, ratio, left, top []float64
	for i, w := range got[0] {
		h := got[1][i]
		area, ratio = append(area, w*h), append(ratio, math.Log(w/h))
		left, top = append(left, got[2][i]/(1-w)), append(top, got[3][i]/(1-h))
	}
	even(t, "area", area, 0.2, 0.5)
	even(t, "ratio", ratio, math.Log(0.8), math.Log(1.25))
	even(t, "left", left, 0, 1)
	even(t, "top", top, 0, 1)
}

// TestDrawsOfHoles lie within the image, up to its edges, and are as many and as large as asked.
func TestDrawsOfHoles(t *testing.T) {
	t.Parallel()
	got := drawn(t, "coarse_dropout: {holes: 3, size: 0.4}", Size{Height: 20, Width: 50})
	counts := map[int]int{}
	var most, last [2]float64
	first := [2]float64{50, 50}
	for i := range got[0] {
		n := 0
		for hole := range 3 {
			var side [2]float64
			for axis := range 2 {
				from, to := got[4*hole+axis][i], got[4*hole+axis+2][i]
				if side[axis] = to - from; from < 0 || from != math.Floor(from) || side[axis] < 0 || to > []float64{50, 20}[axis] {
					t.Fatalf("a hole from %v to %v", from, to)
				}
				if most[axis] = max(most[axis], side[axis]); side[axis] > 0 {
					first[axis], last[axis] = min(first[axis], from), max(last[axis], to)
				}
			}
			if side[0] > 0 && side[1] > 0 {
				n++
			}
		}
		counts[n]++
	}
	if most != [2]float64{20, 8} || first != [2]float64{} || last != [2]float64{50, 20} || counts[1] < 1000 || counts[2] < 900 || counts[3] < 700 {
		t.Errorf("sides up to %v, from %v to %v; %v", most, first, last, counts)
	}
}

// TestViewsMoveLikeDraws: a view with a number is the change that draws it.
func TestViewsMoveLikeDraws(t *testing.T) {
	t.Parallel()
	size := Size{Height: 20, Width: 50}
	if got, want := (ShiftView{X: 0.1, Y: 0.2}).Matrix(size), (Shift{}).Matrix([]float64{0.1, 0.2}, size); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
