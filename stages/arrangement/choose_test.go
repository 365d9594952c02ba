package arrangement

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// rightLevels is the part of the axial points that are put onto a slice of their own disc, to
// half the way to the next slice but one.
func rightLevels(r *rand.Rand, s spines, patients int, choose func([][]Candidate) []int) float64 {
	right, all := 0, 0
	for range patients {
		truth := s.places(r)
		candidates := s.seen(r, truth)
		for k, at := range choose(candidates) {
			if axialName(k) {
				all++
				if math.Abs(candidates[k][at].At.Z-truth[k].Z) <= 6 {
					right++
				}
			}
		}
	}
	return float64(right) / float64(all)
}

// Axial slices get their level from sagittal points and from the offsets that were learnt,
// though a tenth of those points is wrong. By chances alone levels are guessed.
func TestLevelsOfSimulatedSpines(t *testing.T) {
	t.Parallel()
	s := spines{wrong: 0.1}
	for _, test := range []struct {
		studies int
		least   float64
	}{{100, 0.98}, {10, 0.97}, {3, 0.95}} {
		r := rand.New(rand.NewPCG(1, uint64(test.studies)))
		a := Fit(spineNames(), s.training(r, test.studies))
		got := rightLevels(r, s, 40, a.Choose)
		t.Logf("learnt of %d studies: %.3f of the axial points at their level", test.studies, got)
		if got < test.least {
			t.Errorf("learnt of %d studies: %.3f of the axial points at their level, want %v", test.studies, got, test.least)
		}
	}
	r := rand.New(rand.NewPCG(1, 0))
	if got := rightLevels(r, s, 40, Arrangement{Names: spineNames()}.Choose); got > 0.4 {
		t.Errorf("by chances alone, %.3f of the axial points at their level: the test is too easy", got)
	} else {
		t.Logf("by chances alone: %.3f", got)
	}
}

// Two levels never share a slice, nor are levels out of order.
func TestLevelsKeepApart(t *testing.T) {
	t.Parallel()
	s := spines{wrong: 0.1}
	r := rand.New(rand.NewPCG(2, 1))
	a := Fit(spineNames(), s.training(r, 50))
	for patient := range 40 {
		candidates := s.seen(r, s.places(r))
		chosen := a.Choose(candidates)
		for k := range chosen {
			if !axialName(k) || k%spineLevels == 0 {
				continue
			}
			above, here := candidates[k-1][chosen[k-1]].At.Z, candidates[k][chosen[k]].At.Z
			if above-here < 15 {
				t.Errorf("patient %d: %s lies %.1f mm below the level above it", patient, a.Names[k], above-here)
			}
		}
	}
}

// Sagittal points that the net is right about stay where they are.
func TestSurePointsStay(t *testing.T) {
	t.Parallel()
	s := spines{wrong: 0.1}
	r := rand.New(rand.NewPCG(3, 1))
	a := Fit(spineNames(), s.training(r, 50))
	moved, all := 0, 0
	for range 40 {
		truth := s.places(r)
		candidates := s.seen(r, truth)
		first := Arrangement{}.Choose(candidates)
		for k, at := range a.Choose(candidates) {
			if p := candidates[k][first[k]].At; !axialName(k) && math.Abs(p.Z-truth[k].Z) < 10 {
				all++
				if q := candidates[k][at].At; math.Abs(q.X-p.X) > 4.5 || math.Abs(q.Z-truth[k].Z) > 10 {
					moved++
				}
			}
		}
	}
	if share := float64(moved) / float64(all); share > 0.01 {
		t.Errorf("%d of %d sagittal points that were right are elsewhere", moved, all)
	}
}

// small is an instance that can be searched as a whole: 5 names of up to 5 candidates, some
// without geometry, of any chances.
func small(r *rand.Rand) (Arrangement, [][]Candidate) {
	const names = 5
	place := func(spread float64) *Place {
		return &Place{spread * r.NormFloat64(), spread * r.NormFloat64(), spread * r.NormFloat64()}
	}
	middle := make([]*Place, names)
	for k := range middle {
		middle[k] = place(30)
	}
	studies := make([][]*Place, 6)
	for i := range studies {
		shift := place(50)
		for k := range names {
			p := place(4)
			p.X, p.Y, p.Z = p.X+middle[k].X+shift.X, p.Y+middle[k].Y+shift.Y, p.Z+middle[k].Z+shift.Z
			if r.Float64() < 0.3 {
				p = nil
			}
			studies[i] = append(studies[i], p)
		}
	}
	candidates := make([][]Candidate, names)
	for k := range candidates {
		for range r.IntN(6) {
			p := place(10)
			p.X, p.Y, p.Z = p.X+middle[k].X, p.Y+middle[k].Y, p.Z+middle[k].Z
			if r.Float64() < 0.3 {
				p = place(40)
			}
			if r.Float64() < 0.1 {
				p = nil
			}
			candidates[k] = append(candidates[k], Candidate{p, 1 - r.Float64()})
		}
	}
	return Fit([]string{"a", "b", "c", "d", "e"}, studies), candidates
}

// bruteForce tries all choices; it counts the sum as Choose's comment has it.
func bruteForce(a Arrangement, candidates [][]Candidate) (best []int, most float64) {
	chosen := make([]int, len(candidates))
	most = math.Inf(-1)
	var try func(k int)
	try = func(k int) {
		if k == len(candidates) {
			if worth := plainWorth(a, candidates, chosen); worth > most {
				best, most = slices.Clone(chosen), worth
			}
			return
		}
		chosen[k] = -1
		if len(candidates[k]) == 0 {
			try(k + 1)
		}
		for c := range candidates[k] {
			chosen[k] = c
			try(k + 1)
		}
	}
	try(0)
	return best, most
}

func plainWorth(a Arrangement, candidates [][]Candidate, chosen []int) float64 {
	sum := 0.0
	for k, at := range chosen {
		if at < 0 {
			continue
		}
		sum += math.Log(candidates[k][at].Chance)
		fits, others := 0.0, 0.0
		for _, p := range a.Pairs {
			if p.From != k && p.To != k || chosen[p.From] < 0 || chosen[p.To] < 0 {
				continue
			}
			others++
			from, to := candidates[p.From][chosen[p.From]].At, candidates[p.To][chosen[p.To]].At
			if from == nil || to == nil {
				fits += -3 * math.Log(2) // of a squared distance of 3, with 3 degrees of freedom
				continue
			}
			d, _ := p.density(len(a.Names))
			fits += d.fit([3]float64{to.X - from.X, to.Y - from.Y, to.Z - from.Z})
		}
		if others > 0 {
			sum += fits / others
		}
	}
	return sum
}

func TestChooseAgainstBruteForce(t *testing.T) {
	t.Parallel()
	const instances = 400
	r, missed := rand.New(rand.NewPCG(4, 1)), 0
	for i := range instances {
		a, candidates := small(r)
		_, most := bruteForce(a, candidates)
		chosen := a.Choose(candidates)
		got, start := plainWorth(a, candidates, chosen), plainWorth(a, candidates, Arrangement{}.Choose(candidates))
		if got < most-1e-9 {
			missed++
		}
		if got < start-1e-9 || got > most+1e-9 {
			t.Errorf("instance %d: worth %v, by chances alone %v, best %v", i, got, start, most)
		}
		if worth := a.newBoard(candidates).worth(chosen); !(math.Abs(worth-got) <= 1e-9) {
			t.Errorf("instance %d: counted %v, want %v", i, worth, got)
		}
	}
	t.Logf("the best choice was missed in %d of %d instances", missed, instances)
	if missed > instances/50 {
		t.Errorf("the best choice was missed in %d of %d instances", missed, instances)
	}
}

// What is not known decides nothing.
func TestChooseWithoutGeometry(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	a := Fit([]string{"a", "b", "c", "d"}, [][]*Place{
		{{0, 0, 0}, {0, 0, 40}, nil, {0, 0, 80}}, {{0, 0, 5}, {0, 0, 47}, nil, nil},
	})
	if len(a.Pairs) != 3 {
		t.Fatalf("%d pairs, want those of a, b and d", len(a.Pairs))
	}
	nan := &Place{math.NaN(), 0, 0}
	got := a.Choose([][]Candidate{
		{{&Place{1, 1, 1}, 0.9}},
		{{&Place{1, 1, -39}, 0.6}, {&Place{1, 1, 41}, 0.4}},                // the likelier lies on the wrong side
		{{&Place{1, 1, 41}, 0.2}, {&Place{900, 0, 0}, 0.3}, {nil, 0.1}},    // c was never seen with others
		{{nil, 0.3}, {nan, 0.5}, {nil, 0.5}, {&Place{500, 500, 500}, 0.5}}, // far off is worse than unknown
		{{nil, math.NaN()}, {nil, 0}, {nil, 1e-9}},                         // a name that is not there
		nil,
	})
	if want := []int{0, 1, 1, 1, 2, -1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for range 20 {
		_, candidates := small(r)
		for k := range candidates {
			for c := range candidates[k] {
				candidates[k][c].At = nil
			}
		}
		if got, want := a.Choose(candidates), (Arrangement{}).Choose(candidates); !slices.Equal(got, want) {
			t.Errorf("without geometry %v, want the most likely, %v", got, want)
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	s := spines{wrong: 0.1}
	r := rand.New(rand.NewPCG(6, 1))
	a := Fit(spineNames(), s.training(r, 100))
	spine := s.seen(r, s.places(r))
	many := make([][]Candidate, len(spine))
	for k, own := range spine {
		for i := range 200 {
			c := own[i%len(own)]
			p := *c.At
			p.Z += r.NormFloat64()
			many[k] = append(many[k], Candidate{&p, c.Chance})
		}
	}
	for name, candidates := range map[string][][]Candidate{"spine": spine, "200 candidates each": many} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				a.Choose(candidates)
			}
		})
	}
}

func BenchmarkFit(b *testing.B) {
	s := spines{}
	studies := s.training(rand.New(rand.NewPCG(7, 1)), 1500)
	for b.Loop() {
		Fit(spineNames(), studies)
	}
}
