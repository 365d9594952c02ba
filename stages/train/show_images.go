package train

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// row shows a case as it is and in some epochs.
func (s *show) row(ctx context.Context, item int) (stage.Gallery, error) {
	c := s.images.Cases[item]
	item = s.first(item)
	said := s.words([]row{{target: c.Target, label: int64(c.Label)}})
	g := stage.Gallery{Name: "case " + c.ID, Title: said + ": " + c.ID, Section: "images"}
	if len(s.images.Targets) > 0 {
		said = s.words(describe(s.images, []int{item}, nil).rows)
		g.Title = said + ": " + c.Sample
	}
	for _, epoch := range append([]int{0}, s.epochs()...) {
		pixels, seen, err := s.see(ctx, []int{item}, epoch)
		if err != nil {
			return g, err
		}
		caption := "as it is"
		if epoch > 0 {
			caption = fmt.Sprintf("epoch %d", epoch)
			if now := s.words(seen.rows); now != said {
				caption += ", now " + now
			}
			if again := s.Config.shownEpoch(epoch); again != epoch {
				caption += fmt.Sprintf(", the view of epoch %d", again)
			}
		}
		for _, v := range pixels[0] {
			s.count[min(epoch, 1)][min(bins-1, max(0, int(v*bins)))]++
		}
		png, err := preprocess.Thumbnail(pixels[0], s.Input.Seen(s.images.Shape(), s.images.Slices()), len(s.images.Views), s.images.InColour())
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: caption, PNG: png})
	}
	return g, nil
}

// first is the case that stands for the sample of a case, in its split.
func (s *show) first(item int) int {
	for i := s.images.Firsts()[s.images.Of(item)]; i < item; i++ {
		if s.images.Cases[i].Split == s.images.Cases[item].Split {
			return i
		}
	}
	return item
}

// epochs are the first ones, and those in which the recipe changes.
func (s *show) epochs() (out []int) {
	last := s.Config.epochs()
	for epoch := 1; epoch <= min(s.Epochs, last); epoch++ {
		out = append(out, epoch)
	}
	for _, epoch := range s.Recipe.Changes() {
		if epoch <= last && !slices.Contains(out, epoch) {
			out = append(out, epoch)
		}
	}
	return out
}

// epochs is how many there are, if no phase ends early.
func (c Config) epochs() (n int) {
	for _, p := range c.Phases {
		n += p.Epochs
	}
	return n
}

// shownEpoch is the epoch whose augmentation an epoch of the run shows, if no phase
// before it ends early.
func (c Config) shownEpoch(epoch int) int {
	before := 0
	for _, p := range c.Phases {
		if epoch <= before+p.Epochs {
			return p.shown(before, epoch)
		}
		before += p.Epochs
	}
	return epoch
}

// batch shows the first batch as the net sees it.
func (s *show) batch(ctx context.Context, all []stage.Case) (g stage.Gallery, err error) {
	var items []int
	for _, i := range s.firstBatch(all, s.images.Questions(), s.env.Seed) {
		items = append(items, s.first(s.place[all[i].ID]))
	}
	pixels, seen, err := s.see(ctx, items, 1)
	if err != nil {
		return g, err
	}
	g = stage.Gallery{Name: "batch", Title: fmt.Sprintf("The first batch of training: %d of its %d images%s", min(batchShown, len(items)), len(items), s.images.InViews()), Section: "first batch"}
	for i := range min(batchShown, len(items)) {
		png, err := preprocess.Thumbnail(pixels[i], s.Input.Seen(s.images.Shape(), s.images.Slices()), len(s.images.Views), s.images.InColour())
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: s.shares(seen, i), PNG: png})
	}
	return g, nil
}

// shares says what an image counts as: its class, or a mixture.
func (s *show) shares(seen looked, i int) string {
	of := func(image int) (out []row) {
		for _, r := range seen.rows {
			if r.image == image {
				out = append(out, r)
			}
		}
		return out
	}
	own := s.countsAs(of(i))
	if seen.Partner == nil || seen.Share[i] == 1 {
		return own
	}
	return fmt.Sprintf("%.2f %s + %.2f %s", seen.Share[i], own, 1-seen.Share[i], s.countsAs(of(seen.Partner[i])))
}

// countsAs names the classes that an image counts as, with their shares where its labels are
// soft.
func (s *show) countsAs(rows []row) string {
	if !slices.ContainsFunc(rows, func(r row) bool { return r.soft != nil }) {
		return s.words(rows)
	}
	var out []string
	for _, r := range rows {
		var parts []string
		shares := make([]float32, len(s.images.Classes))
		r.count(shares, 1)
		for k, share := range shares {
			if share >= 0.005 {
				parts = append(parts, fmt.Sprintf("%.2f %s", share, s.images.Classes[k]))
			}
		}
		words := "(" + strings.Join(parts, " + ") + ")"
		if len(s.images.Targets) > 0 {
			words = s.images.Targets[r.target] + " " + words
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}

// words names what is said of an image: its class, or of several targets those that are
// not of the first class. Where targets have classes of their own the first of one is no
// "nothing found", and all are named.
func (s *show) words(rows []row) string {
	if len(s.images.Targets) == 0 {
		return s.images.Classes[rows[0].label]
	}
	var out []string
	for _, r := range rows {
		if s.images.Among != nil || r.label > 0 {
			out = append(out, s.images.Targets[r.target]+" "+s.images.Classes[r.label])
		}
	}
	if out == nil {
		return "all " + s.images.Classes[0]
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// looked is an augmented batch, with what its images then are.
type looked struct {
	augment.Augmented
	rows []row
}

// see gives the pixels of images in an epoch, of 0 as they are.
func (s *show) see(ctx context.Context, items []int, epoch int) (pixels [][]float32, seen looked, err error) {
	source, b := &mapped{images: s.images}, describe(s.images, items, s.soft)
	if s.Config.Phases[0].Views == 0 {
		b.tellApart(repeats(items))
	}
	source.begin([][]int{items})
	var all []float32
	err = s.engine.Do(ctx, func(scope *torch.Scope) error {
		scope.NoGrad(func() {
			seen.Images_BCHW = source.next(scope)
			if epoch > 0 {
				seen.Augmented = s.Recipe.Apply(scope, augment.Batch{
					Images_BCHW: seen.Images_BCHW, Samples: b.samples, Channels: channelsOf(namesOf(s.images), s.images.Shape().Channels, s.sides), Slices: s.images.Slices(), Seen: s.Input.MiddleSlices, Colours: s.images.InColour(),
					Seed: s.env.Seed, Epoch: s.Config.shownEpoch(epoch), Step: 1,
				})
			}
			all = scope.Float32s(s.Input.Crop(scope, seen.Images_BCHW, s.images.Slices()))
		})
		return scope.Err()
	})
	if err != nil {
		return nil, seen, err
	}
	seen.rows = sided(b.rows, seen.Mirrored, s.sides)
	size := len(all) / len(items)
	for i := range items {
		pixels = append(pixels, all[i*size:(i+1)*size])
	}
	return pixels, seen, nil
}
