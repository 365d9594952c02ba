package augment

import (
	"fmt"
	"hash/fnv"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// plan is what a batch gets: for each leaf of the recipe what each image drew.
type plan struct {
	batch    Batch
	size     Size
	sampling sampling
	leaves   []leaf
}

// leaf is an entry that works on pixels, at whatever depth of the recipe.
type leaf struct {
	name  string // with the names of the choices it stands in: "one_of/blur"
	part  Random
	draws []draw // one for each image
}

// draw is what one image gets of one leaf.
type draw struct {
	on      bool
	numbers []float64
	key     uint64
}

// sampling is how the grid is read.
type sampling struct {
	outside torch.Outside
	method  torch.Interpolation
}

// plan draws for a whole batch.
func (c Config) plan(b Batch, size Size) *plan {
	p := &plan{batch: b, size: size, sampling: sampling{outside: torch.Outside{Border: torch.BorderNearest}}}
	p.collect("", c)
	at := map[string]int{}
	for i := range p.leaves {
		p.leaves[i].draws = make([]draw, len(b.Samples))
		at[p.leaves[i].name] = i
	}
	for i, sample := range b.Samples {
		d := drawer{plan: p, at: at, image: i, sample: key(sample)}
		d.list("", c, nil)
	}
	return p
}

// collect lists the leaves that work in this epoch, in the order of the recipe.
func (p *plan) collect(within string, entries []registry.One[Augmentation]) {
	for i, entry := range entries {
		name := entryName(within, entries, i)
		switch part := entry.Part.(type) {
		case Setting:
			part.set(&p.sampling)
		case Choice:
			if part.when().works(p.batch.Epoch) {
				p.collect(name+"/", part.Members())
			}
		case Random:
			if part.when().works(p.batch.Epoch) {
				p.leaves = append(p.leaves, leaf{name: name, part: part})
			}
		}
	}
}

// entryName tells entries of one list apart that are the same part, and keeps
// what an entry draws when others are put before it.
func entryName(within string, entries []registry.One[Augmentation], i int) string {
	before := 0
	for _, other := range entries[:i] {
		if other.Name == entries[i].Name {
			before++
		}
	}
	if before == 0 {
		return within + entries[i].Name
	}
	return fmt.Sprintf("%s%s %d", within, entries[i].Name, before+1)
}

// drawer draws for one image.
type drawer struct {
	plan   *plan
	at     map[string]int // leaves by name
	image  int
	sample int
}

// list draws for the entries of a list; chosen is nil where all may work.
func (d drawer) list(within string, entries []registry.One[Augmentation], chosen []int) {
	b := d.plan.batch
	for i, entry := range entries {
		when := entry.Part.when()
		if !when.works(b.Epoch) || chosen != nil && !slices.Contains(chosen, i) {
			continue
		}
		name := entryName(within, entries, i)
		r := stage.Rand(b.Seed, "augment "+name, b.Epoch, d.sample)
		if r.Float64() >= when.P {
			continue
		}
		switch part := entry.Part.(type) {
		case Choice:
			d.list(name+"/", part.Members(), part.Choose(r))
		case Random:
			key := r.Uint64()
			d.plan.leaves[d.at[name]].draws[d.image] = draw{on: true, numbers: part.Draw(r, d.plan.size), key: key}
		}
	}
}

func key(sample string) int {
	h := fnv.New64a()
	h.Write([]byte(sample))
	return int(h.Sum64())
}

// active lists the images that a leaf works on.
func (l leaf) active() []int {
	var out []int
	for i, d := range l.draws {
		if d.on {
			out = append(out, i)
		}
	}
	return out
}

// images gives the active images of a leaf to its part.
func (p *plan) images(s *torch.Scope, l leaf, active []int, images_NCHW torch.Tensor) Images {
	out := Images{Scope: s, Images_NCHW: images_NCHW, Size: p.size, Slices: p.batch.Slices, Seen: p.batch.Seen, Colours: p.batch.Colours}
	for _, i := range active {
		out.Numbers = append(out.Numbers, l.draws[i].numbers)
		out.Keys = append(out.Keys, l.draws[i].key)
	}
	return out
}

// intensities lets all Intensity leaves work, in order.
func (p *plan) intensities(s *torch.Scope, images_BCHW torch.Tensor) torch.Tensor {
	for _, l := range p.leaves {
		part, ok := l.part.(Intensity)
		active := l.active()
		if !ok || len(active) == 0 {
			continue
		}
		images_BCHW = onSome(s, images_BCHW, active, len(l.draws), func(s *torch.Scope, x_NCHW torch.Tensor) torch.Tensor {
			return part.Apply(p.images(s, l, active, x_NCHW))
		})
	}
	return images_BCHW
}
