package predict

import (
	"context"
	"fmt"
	"slices"

	"vertebra/finished"

	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/outliers"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Rarity is how rare images like the predicted ones are, by what several nets say.
type Rarity struct {
	nets  int
	p     map[string]float64 // of each case or sample: the sum of the nets'
	least float64            // that a p can be, of all nets
}

// newRarity is nil where not every net knows what the images of its training are like, or nobody
// asked for that.
func newRarity(o finished.Opened) *Rarity {
	if !o.KnowsOutliers() {
		return nil
	}
	return &Rarity{nets: len(o.Nets), p: map[string]float64{}}
}

// meanRarity is the mean of what members of an ensemble say, each by the images of its own training;
// nil where one of them does not know.
func meanRarity(members []*Rarity) *Rarity {
	if slices.Contains(members, nil) {
		return nil
	}
	mean := &Rarity{nets: len(members), p: map[string]float64{}}
	for _, m := range members {
		mean.least += m.least / float64(len(members))
		for name := range m.p {
			mean.p[name] += m.Of(name)
		}
	}
	return mean
}

// Of is the p-value of a case, or of a sample, whose name Predictor.Name gives: the mean over the nets.
func (r *Rarity) Of(name string) float64 { return r.p[name] / float64(r.nets) }

// Rare says how rare images like these are, of which something was predicted.
func (p Predictor) Rare(images []explain.Rare, items []stage.Prediction) (out []explain.Rare) {
	predicted := map[string]bool{}
	for _, item := range items {
		predicted[p.Name(item.CaseID)] = true
	}
	for _, one := range images {
		if name := p.Name(one.CaseID); predicted[name] {
			one.P = p.Rarity.Of(name)
			out = append(out, one)
		}
	}
	return out
}

// Name is that of the case, or of the sample where several targets are asked about.
func (p Predictor) Name(id string) string {
	if len(p.Asked.Targets) > 0 {
		return p.Samples[id]
	}
	return id
}

// look asks a net what its last layer sees of the images, where somebody wants to know:
// the table of features, or how rare such images are.
func (p Predictor) look(ctx context.Context, net *model.Net, one finished.Net, images *preprocess.Images) error {
	if p.request.Features == nil && p.Rarity == nil {
		return nil
	}
	var detector outliers.Detector
	if p.Rarity != nil {
		var err error
		if detector, err = readOutliers(one); err != nil {
			return err
		}
		p.Rarity.least += detector.Least() / float64(p.Rarity.nets)
	}
	subject := explain.Subject{Net: net, Images: images, Classes: images.Classes}
	err := subject.Features(ctx, func(of stage.Case, features_F []float32) error {
		name := p.Name(of.ID)
		if p.Rarity != nil {
			if len(features_F) != len(detector.Mean) {
				return stage.Fault{Err: fmt.Errorf("the net's last layer sees %d features, and %s is about %d", len(features_F), explain.OutliersFile, len(detector.Mean)), Hint: "the file is of another net: train again"}
			}
			p.Rarity.p[name] += detector.P(detector.Distance(features_F))
		}
		if p.request.Features == nil {
			return nil
		}
		return p.request.Features.Row(name, one.Fold, features_F)
	})
	if err != nil {
		return fmt.Errorf("features: %w", err)
	}
	return nil
}

func readOutliers(one finished.Net) (d outliers.Detector, err error) {
	name, err := one.Outliers.Find()
	if err != nil {
		return d, err
	}
	data, err := one.Outliers.Read()
	if err == nil {
		d, err = outliers.Decode(data)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return d, err
}

// outlying says which images are further from the training than all validation images were, if
// there were enough of these for that to be rare; "" where none is.
func (p Predictor) outlying(items []stage.Prediction) string {
	if p.Rarity == nil || p.Rarity.least > outliers.Rare {
		return ""
	}
	var far []string
	for _, item := range items {
		if name := p.Name(item.CaseID); p.Rarity.Of(name) <= p.Rarity.least*(1+1e-9) && !slices.Contains(far, name) {
			far = append(far, name)
		}
	}
	if len(far) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d images are further from those of the training than any of validation was, such as %s (%s %.2g): the nets may not know such images",
		len(far), len(p.Rarity.p), far[0], outliers.Column, p.Rarity.least)
}
