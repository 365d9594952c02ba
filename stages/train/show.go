package train

import (
	"context"
	"errors"
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Showing says what of a training is shown before it begins.
type Showing struct {
	Config Config
	Recipe augment.Config
	Input  model.Input
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
// the training cases, and the first batch. Of a sample it picks all.
func (h Showing) Choose(cases []stage.Case, asked stage.Questions, seed uint64) []stage.Case {
	chosen, samples := map[int]bool{}, map[string]bool{}
	for _, i := range append(h.examples(cases, asked), h.firstBatch(cases, asked, seed)...) {
		chosen[i], samples[cases[i].Sample] = true, true
	}
	var out []stage.Case
	for i, c := range cases {
		if chosen[i] || c.Sample != "" && samples[c.Sample] {
			out = append(out, c)
		}
	}
	return out
}

// examples are some cases of each class in turn, spread over its training cases; of a
// sample the worst, or each where targets have classes of their own.
func (h Showing) examples(cases []stage.Case, asked stage.Questions) (out []int) {
	byClass := make([][]int, len(asked.Classes))
	for _, sample := range samplesOf(cases, stage.Train) {
		label := worst(cases, sample)
		for _, i := range sample {
			if one := cases[i].Label; asked.Among != nil || one == label {
				byClass[one] = append(byClass[one], i)
				if asked.Among == nil {
					break
				}
			}
		}
	}
	for _, members := range byClass {
		n := min(h.Cases, len(members))
		for i := range n {
			out = append(out, members[i*len(members)/n])
		}
	}
	return out
}

func (h Showing) firstBatch(cases []stage.Case, asked stage.Questions, seed uint64) []int {
	order := caseSampler(h.Config.Balance, cases, asked, seed).Epoch(1)
	return order[:min(len(order), h.Config.BatchSize(), batchMost)]
}

// show is a showing under way.
type show struct {
	Showing
	env    stage.Env
	engine *torch.Engine
	images *preprocess.Images
	place  map[string]int // of a case's image
	sides  augment.Sides
	soft   map[string][]float32 // labels of cases, as a file changes them
	count  [2][bins]float64     // of pixel values: as they are, and augmented
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
	s.sides, _ = namesOf(images).Sides()
	soft, err := h.Config.soften(images.Questions(), casesIn(all, stage.Train))
	if err != nil {
		return nil, fmt.Errorf("train.%w", err)
	}
	s.soft = soft.shares
	out = append(out, s.drawn(all)...)
	batch, err := s.batch(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, i := range h.examples(all, images.Questions()) {
		row, err := s.row(ctx, s.place[all[i].ID])
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return append(out, batch, s.values()), nil
}
