package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/outliers"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// outlierColumn is what predictions call how rare such an image is.
const outlierColumn = "outlier_p"

// aFile is a file as nets have some beside their weights.
type aFile string

// Find gives its path.
func (f aFile) Find() (string, error) { return string(f), nil }

// Read reads it.
func (f aFile) Read() ([]byte, error) { return os.ReadFile(string(f)) }

// outliersIn finds what a training in a folder has learnt of its images; nil where nothing.
func outliersIn(folder string) train.Weights {
	path := filepath.Join(folder, explain.OutliersFile)
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	return aFile(path)
}

// rarity is how rare images like the predicted ones are, by what several nets say.
type rarity struct {
	nets  int
	p     map[string]float64 // of each case or sample: the sum of the nets'
	least float64            // that a p can be, of all nets
}

// newRarity is nil where not every net knows what the images of its training are like.
func newRarity(nets []foldNet) *rarity {
	if slices.ContainsFunc(nets, func(n foldNet) bool { return n.outliers == nil }) {
		return nil
	}
	return &rarity{nets: len(nets), p: map[string]float64{}}
}

// meanRarity is the mean of what members of an ensemble say, each by the images of its own training;
// nil where one of them does not know.
func meanRarity(members []*rarity) *rarity {
	if slices.Contains(members, nil) {
		return nil
	}
	mean := &rarity{nets: len(members), p: map[string]float64{}}
	for _, m := range members {
		mean.least += m.least / float64(len(members))
		for name := range m.p {
			mean.p[name] += m.of(name)
		}
	}
	return mean
}

// noRarity says why nothing tells how rare images are though the run asked for that; "" where it
// did not, or something does.
func (p predictor) noRarity() string {
	if p.e.Evaluate.Outliers == nil || p.rarity != nil {
		return ""
	}
	without := slices.DeleteFunc(slices.Clone(p.nets), func(n foldNet) bool { return n.outliers != nil })
	whose := "its net"
	if fold := without[0].fold; fold > 0 {
		whose = fmt.Sprintf("its net of fold %d", fold)
	}
	return fmt.Sprintf("there is no %s: run %s has evaluate.outliers, and %s lacks %s", outlierColumn, p.run.ID(), whose, explain.OutliersFile)
}

// of is the mean over the nets.
func (r *rarity) of(name string) float64 { return r.p[name] / float64(r.nets) }

// rare says how rare images like these are, of which something was predicted.
func (p predictor) rare(images []explain.Rare, items []stage.Prediction) (out []explain.Rare) {
	predicted := map[string]bool{}
	for _, item := range items {
		predicted[p.name(item.CaseID)] = true
	}
	for _, one := range images {
		if name := p.name(one.CaseID); predicted[name] {
			one.P = p.rarity.of(name)
			out = append(out, one)
		}
	}
	return out
}

// name is that of the case, or of the sample where several targets are asked about.
func (p predictor) name(id string) string {
	if len(p.asked.Targets) > 0 {
		return p.samples[id]
	}
	return id
}

// look asks a net what its last layer sees of the images, where somebody wants to know:
// the table of features, or how rare such images are.
func (p predictor) look(ctx context.Context, net *model.Net, one foldNet, images *preprocess.Images) error {
	if p.features == nil && p.rarity == nil {
		return nil
	}
	var detector outliers.Detector
	if p.rarity != nil {
		var err error
		if detector, err = readOutliers(one); err != nil {
			return err
		}
		p.rarity.least += detector.Least() / float64(p.rarity.nets)
	}
	subject := explain.Subject{Net: net, Images: images, Classes: images.Classes}
	err := subject.Features(ctx, func(of stage.Case, features_F []float32) error {
		name := p.name(of.ID)
		if p.rarity != nil {
			if len(features_F) != len(detector.Mean) {
				return stage.Fault{Err: fmt.Errorf("the net's last layer sees %d features, and %s is about %d", len(features_F), explain.OutliersFile, len(detector.Mean)), Hint: "the file is of another net: train again"}
			}
			p.rarity.p[name] += detector.P(detector.Distance(features_F))
		}
		if p.features == nil {
			return nil
		}
		return p.features.row(name, one.fold, features_F)
	})
	if err != nil {
		return fmt.Errorf("features: %w", err)
	}
	return nil
}

func readOutliers(one foldNet) (d outliers.Detector, err error) {
	name, err := one.outliers.Find()
	if err != nil {
		return d, err
	}
	data, err := one.outliers.Read()
	if err == nil {
		d, err = outliers.Decode(data)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return d, err
}

// tellOutliers says which images are further from the training than all validation images
// were, if there were enough of these for that to be rare.
func (p predictor) tellOutliers(to audience, items []stage.Prediction) {
	if p.rarity == nil || p.rarity.least > outliers.Rare {
		return
	}
	var far []string
	for _, item := range items {
		if name := p.name(item.CaseID); p.rarity.of(name) <= p.rarity.least*(1+1e-9) && !slices.Contains(far, name) {
			far = append(far, name)
		}
	}
	if len(far) > 0 {
		to.warn("%d of %d images are further from those of the training than any of validation was, such as %s (%s %.2g): the nets may not know such images",
			len(far), len(p.rarity.p), far[0], outlierColumn, p.rarity.least)
	}
}
