package pretrain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// meter asks nearest neighbours what frozen features are worth.
type meter struct {
	Job
	env      stage.Env
	images   *preprocess.Images
	training []int // the first case of each labelled image
	others   []int // of validation
}

func newMeter(env stage.Env, j Job, labelled *preprocess.Images) meter {
	m := meter{Job: j, env: env, images: labelled, training: firstsOf(labelled, stage.Train), others: firstsOf(labelled, stage.Validation)}
	if n := len(m.training); n > mostTaught {
		for i := range mostTaught {
			m.training[i] = m.training[i*n/mostTaught]
		}
		m.training = m.training[:mostTaught]
	}
	m.env.Recorder = stage.Discard
	return m
}

// firstsOf are the images of a split that have a label given by people.
func firstsOf(images *preprocess.Images, split stage.Split) (out []int) {
	for i, one := range images.Cases {
		if one.Split == split && one.Soft == nil && (len(out) == 0 || images.Of(i) != images.Of(out[len(out)-1])) {
			out = append(out, i)
		}
	}
	return out
}

// validates says whether there is anything to measure.
func (m meter) validates() bool { return len(m.training) > 0 && len(m.others) > 0 }

// measure is the balanced accuracy of validation, of several targets its mean, with the weights that
// the experiment's net begins with, or those given; NaN where nothing validates.
func (m meter) measure(ctx context.Context, b *Backbone) (value float64, err error) {
	if !m.validates() {
		return math.NaN(), nil
	}
	cfg := m.Model
	cfg.Head, cfg.Lora, cfg.Last = nil, nil, "linear"
	net, err := model.Build(ctx, m.env, cfg, m.images.Shape(), m.Task.Projecting(1))
	if err != nil {
		return 0, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if b != nil {
		if err := b.Begin(ctx, net); err != nil {
			return 0, err
		}
	}
	known, err := m.features(ctx, net, m.training)
	if err != nil {
		return 0, err
	}
	asked, err := m.features(ctx, net, m.others)
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0
	for target := range max(1, len(m.images.Targets)) {
		taught, others := m.of(target, stage.Train, m.training, known), m.of(target, stage.Validation, m.others, asked)
		if len(taught.labels) == 0 || len(others.labels) == 0 {
			continue
		}
		said, err := neighbours(ctx, net, taught, others, len(m.images.Classes))
		if err != nil {
			return 0, err
		}
		sum, n = sum+balancedAccuracy(others.labels, said, len(m.images.Classes)), n+1
	}
	return sum / float64(n), nil
}

// of are the images that answer a target.
func (m meter) of(target int, split stage.Split, items []int, features [][]float32) (a answered) {
	for at, first := range items {
		for i := first; i < len(m.images.Cases) && m.images.Of(i) == m.images.Of(first); i++ {
			one := m.images.Cases[i]
			if one.Split == split && one.Soft == nil && one.Target == target {
				a.features, a.labels = append(a.features, features[at]), append(a.labels, one.Label)
			}
		}
	}
	return a
}

// chance is what a guess gets in the mean over the targets.
func (m meter) chance() float64 {
	sum, n := 0.0, 0
	for target := range max(1, len(m.images.Targets)) {
		var occur []int
		for _, one := range m.images.Cases {
			if one.Split == stage.Validation && one.Target == target && !slices.Contains(occur, one.Label) {
				occur = append(occur, one.Label)
			}
		}
		if len(occur) > 0 {
			sum, n = sum+1/float64(len(occur)), n+1
		}
	}
	return sum / float64(n)
}

func (m meter) features(ctx context.Context, net *model.Net, items []int) (out [][]float32, err error) {
	found, err := train.Embed(ctx, m.env, m.Config.Training(m.Train), net, m.images, items)
	if err != nil {
		return nil, err
	}
	for i, features_F := range found {
		if slices.ContainsFunc(features_F, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
			return nil, stage.Fault{Err: fmt.Errorf("what the backbone makes of %s is no finite number", m.images.Cases[items[i]].ID), Hint: "lower the learning rate (pretrain.optimizer), or set train.compute.precision to fp32"}
		}
		out = append(out, normalised(features_F))
	}
	return out, nil
}
