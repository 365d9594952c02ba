package augment

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// mix lets images take of their partners. An image is mixed at most once, by the
// first entry that falls to it, so that it has one partner and one share; all
// take of images that are not mixed yet.
func (p *plan) mix(s *torch.Scope, out Augmented) Augmented {
	plain, n := out.Images_BCHW, len(p.batch.Samples)
	partner := partners(p.batch.Seed, p.batch.Epoch, p.batch.Step, n)
	share := make([]float64, n)
	for i := range share {
		share[i] = 1
	}
	mixed := make([]bool, n)
	for _, l := range p.leaves {
		part, ok := l.part.(Mixing)
		active := unmixed(l, mixed)
		if !ok || n < 2 || len(active) == 0 {
			continue
		}
		theirs := make([]int, len(active))
		for k, i := range active {
			theirs[k], mixed[i] = partner[i], true
			share[i] = part.Share(l.draws[i].numbers, p.size)
		}
		out.Images_BCHW = onSome(s, out.Images_BCHW, active, n, func(s *torch.Scope, x_NCHW torch.Tensor) torch.Tensor {
			return part.Mix(p.images(s, l, active, x_NCHW), s.Rows(plain, theirs))
		})
		out.Partner, out.Share = partner, share
	}
	return out
}

// unmixed lists the images that a leaf works on and no leaf before it has mixed.
func unmixed(l leaf, mixed []bool) []int {
	var out []int
	for _, i := range l.active() {
		if !mixed[i] {
			out = append(out, i)
		}
	}
	return out
}

// partners is one random cycle through the batch (Sattolo 1986), so that no
// image of two or more is its own partner.
func partners(seed uint64, epoch, step, n int) []int {
	r := stage.Rand(seed, "augment partners", epoch, step)
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := r.IntN(i)
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// beta draws from Beta(alpha, alpha); an alpha of 0 gives 1.
func beta(r *rand.Rand, alpha float64) float64 {
	if alpha == 0 {
		return 1
	}
	share := distuv.Beta{Alpha: alpha, Beta: alpha, Src: r}.Rand()
	if math.IsNaN(share) { // both of the gamma variates it divides were too small for a float64
		return float64(r.IntN(2))
	}
	return share
}

// Mixes says whether the recipe can mix images in some epoch.
func (c Config) Mixes() bool {
	for _, entry := range c {
		if anyPart(entry.Part, func(a Augmentation) bool { _, ok := a.(Mixing); return ok }) {
			return true
		}
	}
	return false
}

// anyPart asks about an entry and all that stand in it.
func anyPart(a Augmentation, ask func(Augmentation) bool) bool {
	if ask(a) {
		return true
	}
	if choice, ok := a.(Choice); ok {
		for _, member := range choice.Members() {
			if anyPart(member.Part, ask) {
				return true
			}
		}
	}
	return false
}
