package augment

import (
	"math"
	"reflect"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// TestPartners: one cycle through the batch, so nobody is alone, and another one
// in another step.
func TestPartners(t *testing.T) {
	for n := 2; n < 20; n++ {
		partner, seen, at := partners(1, 2, 3, n), 0, 0
		for {
			at, seen = partner[at], seen+1
			if at == 0 || seen > n {
				break
			}
		}
		if seen != n {
			t.Errorf("the cycle of %d images has length %d", n, seen)
		}
	}
	if reflect.DeepEqual(partners(1, 2, 3, 16), partners(1, 2, 4, 16)) || !reflect.DeepEqual(partners(1, 2, 3, 16), partners(1, 2, 3, 16)) {
		t.Error("the partners are not a function of the step")
	}
}

// TestSharesOfSmallAlphas: nearly all images go to one of the two sides, and none gets
// a share that is not a number.
func TestSharesOfSmallAlphas(t *testing.T) {
	r, sum := stage.Rand(1, "test"), 0.0
	for _, alpha := range []float64{1e-300, 1e-3, 1e-2} {
		for range 1000 {
			share := beta(r, alpha)
			if !(share >= 0 && share <= 1) {
				t.Fatalf("alpha %g: a share of %v", alpha, share)
			}
			sum += share
		}
	}
	if mean := sum / 3000; !(math.Abs(mean-0.5) <= 0.04) {
		t.Errorf("the mean share is %v, want about a half", mean)
	}
}

// flat are n images of one grey value each, i/n.
func flat(n int) []float32 {
	out := make([]float32, 0, n*channels*height*width)
	for i := range n * channels * height * width {
		out = append(out, float32(i/(channels*height*width))/float32(n))
	}
	return out
}

// TestSharesAreWhatImagesHold: the mean of a mixed image of flat ones is what the
// shares say, whichever entry mixed it; an image is mixed once at most.
func TestSharesAreWhatImagesHold(t *testing.T) {
	const n = 16
	for text, mixes := range map[string]bool{
		"[mixup]": true, "[cutmix]": true, "[mixup: {p: 0.5}, cutmix: {p: 0.8}]": true,
		"[one_of: {of: [mixup, cutmix], p: 0.7}]": true, "[mixup: {until: 2}]": false, "[rotate]": false,
	} {
		c := parse(t, text)
		do(t, func(s *torch.Scope) {
			b := Batch{Images_BCHW: images(s, flat(n)), Samples: names(n), Seed: 4, Epoch: 3, Step: 11}
			out := c.Apply(s, b)
			if (out.Partner != nil) != mixes || (out.Share != nil) != mixes {
				t.Errorf("%s: partners %v", text, out.Partner)
			}
			if !mixes {
				return
			}
			means, different := s.Float64s(s.ImageMeans(out.Images_BCHW)), 0
			for i, mean := range means {
				own, other := float64(i)/n, float64(out.Partner[i])/n
				want := out.Share[i]*own + (1-out.Share[i])*other
				if !(math.Abs(mean-want) <= 1e-5) {
					t.Errorf("%s: image %d has mean %v, want %v", text, i, mean, want)
				}
				if out.Share[i] != 1 {
					different++
				}
			}
			if different < n/4 {
				t.Errorf("%s mixed %d of %d images", text, different, n)
			}
		})
	}
}

func TestOneImageIsNotMixed(t *testing.T) {
	in := ramp(3, 3)
	if got := apply(t, parse(t, "[mixup]"), in, 3, 3); !reflect.DeepEqual(got, in) {
		t.Errorf("got %v", got)
	}
}

func TestMixes(t *testing.T) {
	for text, want := range map[string]bool{
		"[rotate]": false, "[mixup]": true, "[blur, one_of: {of: [gamma, some_of: {of: [noise, cutmix]}]}]": true, "[one_of: {of: [blur]}]": false,
	} {
		if got := parse(t, text).Mixes(); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// TestBeta: mean 1/2 and variance 1/(4·(2α+1)), within five standard errors.
func TestBeta(t *testing.T) {
	const n = 20000
	for _, alpha := range []float64{0.2, 1, 4} {
		var sum, square float64
		for i := range n {
			v := beta(stage.Rand(uint64(i), "test"), alpha)
			sum += v
			square += (v - 0.5) * (v - 0.5)
		}
		variance := 1 / (4 * (2*alpha + 1))
		if !(math.Abs(sum/n-0.5) <= 5*math.Sqrt(variance/n)) || !(math.Abs(square/n/variance-1) <= 0.05) {
			t.Errorf("alpha %v: mean %v, variance %v, want 0.5 and %v", alpha, sum/n, square/n, variance)
		}
	}
}
