package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Showing says what of a training is shown before it begins.
type Showing struct {
	Config Config
	Recipe augment.Config
	Cases  int // of each class
	Epochs int // in which each is shown
}

// batchShown is how many images of the first batch are shown, and batchMost how many
// of it are made: partners in mixing come from the whole batch.
const (
	batchShown = 16
	batchMost  = 256
)

// Choose picks the cases that Show wants images of: some of each class, spread over
// the training cases, and the first batch.
func (h Showing) Choose(cases []stage.Case, classes []string, seed uint64) []stage.Case {
	chosen := map[int]bool{}
	for _, i := range append(h.examples(cases, classes), h.firstBatch(cases, classes, seed)...) {
		chosen[i] = true
	}
	var out []stage.Case
	for _, i := range slices.Sorted(maps.Keys(chosen)) {
		out = append(out, cases[i])
	}
	return out
}

// examples are some cases of each class in turn, spread over its training cases.
func (h Showing) examples(cases []stage.Case, classes []string) (out []int) {
	byClass := make([][]int, len(classes))
	for _, i := range trainingOf(cases) {
		byClass[cases[i].Label] = append(byClass[cases[i].Label], i)
	}
	for _, members := range byClass {
		n := min(h.Cases, len(members))
		for i := range n {
			out = append(out, members[i*len(members)/n])
		}
	}
	return out
}

func trainingOf(cases []stage.Case) (items []int) {
	for i, c := range cases {
		if c.Split == stage.Train {
			items = append(items, i)
		}
	}
	return items
}

func (h Showing) sampler(cases []stage.Case, classes []string, seed uint64) Sampler {
	return NewSampler(h.Config.Balance, trainingOf(cases), func(i int) int { return cases[i].Label }, classes, seed)
}

func (h Showing) firstBatch(cases []stage.Case, classes []string, seed uint64) []int {
	order := h.sampler(cases, classes, seed).Epoch(1)
	return order[:min(len(order), h.Config.BatchSize(), batchMost)]
}

// show is a showing under way.
type show struct {
	Showing
	env    stage.Env
	engine *torch.Engine
	images *preprocess.Images
	place  map[string]int // of a case's image
	mirror []int
	count  [2][bins]float64 // of pixel values: as they are, and augmented
}

// bins of the histogram of pixel values.
const bins = 32

// Show gives what training will see: how often each class is drawn, images as they are
// and in some epochs, the first batch with the shares of mixed labels, and the values
// of the pixels. images are those of Choose, all are all cases. It needs no GPU.
func (h Showing) Show(ctx context.Context, env stage.Env, images *preprocess.Images, all []stage.Case) (out []stage.Record, err error) {
	engine, err := torch.Open(torch.Options{Device: "cpu", Threads: env.Threads})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	s := &show{Showing: h, env: env, engine: engine, images: images, place: map[string]int{}}
	for item, c := range images.Cases {
		s.place[c.ID] = item
	}
	s.mirror, _ = augment.Mirror(images.Classes)
	out = append(out, s.drawn(all)...)
	batch, err := s.batch(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, i := range h.examples(all, images.Classes) {
		row, err := s.row(ctx, s.place[all[i].ID])
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return append(out, batch, s.values()), nil
}

// drawn counts the cases of each class, and those that an epoch draws.
func (s *show) drawn(all []stage.Case) []stage.Record {
	counts, draws := make([]float64, len(s.images.Classes)), make([]float64, len(s.images.Classes))
	ints := make([]int, len(counts))
	for _, i := range trainingOf(all) {
		counts[all[i].Label]++
		ints[all[i].Label]++
	}
	for _, i := range s.sampler(all, s.images.Classes, s.env.Seed).Epoch(1) {
		draws[all[i].Label]++
	}
	weights := s.Config.Balance.weightsOf(s.images.Classes, ints, 1)
	table := stage.Table{Name: "weights", Title: "What each class counts in the loss", Section: "sampling", Columns: []string{"class", "training cases", "drawn in an epoch", "class weight", "share of the loss at equal losses"}}
	total := 0.0
	for k, n := range draws {
		total += n * weight(weights, k)
	}
	for k, class := range s.images.Classes {
		w := weight(weights, k)
		table.Rows = append(table.Rows, []any{class, int(counts[k]), int(draws[k]), w, draws[k] * w / max(total, 1e-300)})
	}
	return []stage.Record{stage.Bars{
		Name: "drawn", Title: "Training cases, and what the first epoch draws of them", Section: "sampling", YLabel: "cases", Categories: s.images.Classes,
		Groups: []stage.BarGroup{{Label: "training cases", Values: counts}, {Label: "drawn in the first epoch", Values: draws}},
	}, table}
}

func weight(weights []float64, k int) float64 {
	if weights == nil {
		return 1
	}
	return weights[k]
}

// row shows a case as it is and in some epochs.
func (s *show) row(ctx context.Context, item int) (stage.Gallery, error) {
	c := s.images.Cases[item]
	class := s.images.Classes[c.Label]
	g := stage.Gallery{Name: "case " + c.ID, Title: class + ": " + c.ID, Section: "images"}
	for _, epoch := range append([]int{0}, s.epochs()...) {
		pixels, seen, err := s.see(ctx, []int{item}, epoch)
		if err != nil {
			return g, err
		}
		caption := "as it is"
		if epoch > 0 {
			caption = fmt.Sprintf("epoch %d", epoch)
			if now := s.images.Classes[seen.Labels[0]]; now != class {
				caption += ", now " + now
			}
			if again := s.Config.shownEpoch(epoch); again != epoch {
				caption += fmt.Sprintf(", the view of epoch %d", again)
			}
		}
		for _, v := range pixels[0] {
			s.count[min(epoch, 1)][min(bins-1, max(0, int(v*bins)))]++
		}
		png, err := preprocess.Thumbnail(pixels[0], s.images.Shape())
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: caption, PNG: png})
	}
	return g, nil
}

// epochs are the first ones, and those in which the recipe changes.
func (s *show) epochs() (out []int) {
	last := 0
	for _, p := range s.Config.Phases {
		last += p.Epochs
	}
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
	for _, i := range s.firstBatch(all, s.images.Classes, s.env.Seed) {
		items = append(items, s.place[all[i].ID])
	}
	pixels, seen, err := s.see(ctx, items, 1)
	if err != nil {
		return g, err
	}
	g = stage.Gallery{Name: "batch", Title: fmt.Sprintf("The first batch of training: %d of its %d images", min(batchShown, len(items)), len(items)), Section: "first batch"}
	for i := range min(batchShown, len(items)) {
		png, err := preprocess.Thumbnail(pixels[i], s.images.Shape())
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: s.shares(seen, i), PNG: png})
	}
	return g, nil
}

// shares says what an image counts as: its class, or a mixture.
func (s *show) shares(seen augment.Augmented, i int) string {
	own := s.images.Classes[seen.Labels[i]]
	if seen.Partner == nil || seen.Share[i] == 1 {
		return own
	}
	return fmt.Sprintf("%.2f %s + %.2f %s", seen.Share[i], own, 1-seen.Share[i], s.images.Classes[seen.Labels[seen.Partner[i]]])
}

// see gives the pixels of images in an epoch, of 0 as they are.
func (s *show) see(ctx context.Context, items []int, epoch int) (pixels [][]float32, seen augment.Augmented, err error) {
	source, b := &mapped{images: s.images}, describe(s.images, items)
	source.begin([][]int{items})
	var all []float32
	err = s.engine.Do(ctx, func(scope *torch.Scope) error {
		scope.NoGrad(func() {
			seen = augment.Augmented{Images_BCHW: source.next(scope), Labels: b.targets}
			if epoch > 0 {
				seen = s.Recipe.Apply(scope, augment.Batch{
					Images_BCHW: seen.Images_BCHW, Samples: b.samples, Labels: b.targets, Mirror: s.mirror,
					Seed: s.env.Seed, Epoch: s.Config.shownEpoch(epoch), Step: 1,
				})
			}
			all = scope.Float32s(seen.Images_BCHW)
		})
		return scope.Err()
	})
	if err != nil {
		return nil, seen, err
	}
	size := len(all) / len(items)
	for i := range items {
		pixels = append(pixels, all[i*size:(i+1)*size])
	}
	return pixels, seen, nil
}

// values are the histograms of the pixels that were shown.
func (s *show) values() stage.Curve {
	c := stage.Curve{Name: "values", Title: "Values of the pixels shown, before the input's mean and spread", Section: "pixels", XLabel: "value", YLabel: "% of the pixels"}
	for which, word := range []string{"as they are", "augmented"} {
		total := 0.0
		for _, n := range s.count[which] {
			total += n
		}
		line := stage.Line{Label: word}
		for i, n := range s.count[which] {
			line.X, line.Y = append(line.X, (float64(i)+0.5)/bins), append(line.Y, 100*n/max(1, total))
		}
		c.Lines = append(c.Lines, line)
	}
	if len(s.Recipe) == 0 {
		c.Lines = c.Lines[:1]
	}
	return c
}
