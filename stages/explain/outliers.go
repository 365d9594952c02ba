package explain

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"vertebra/stages/outliers"
	"vertebra/stages/stage"
)

// OutliersFile is the file in a run's folder that knows what the images of a training are like.
const OutliersFile = "outliers.safetensors"

// Familiarity is how much is learnt of the images of a training.
type Familiarity struct {
	Samples int // that are looked at
	Axes    int // of their features
	Fold    int // whose net learns, where there are several
}

// distant is an image and how far it lies from those of the training.
type distant struct {
	item
	distance float64
}

// Outliers learns what the net, or with folds that of one, sees of the images that it was trained
// on, stores that in the run's folder, and records how far from them those of each split lie, and
// which lie furthest.
func (x Subject) Outliers(ctx context.Context, env stage.Env, cfg Familiarity) error {
	records, err := x.unfamiliar(ctx, filepath.Join(env.RunDir, OutliersFile), cfg)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil: // the run's numbers are not lost for its sake
		records = []stage.Record{stage.Event{Level: "error", Stage: "explain", Text: fmt.Sprintf("nothing is known of what images of the training are like, and predictions will have no outlier_p: %v", err)}}
	}
	return env.Recorder.Record(ctx, records...)
}

func (x Subject) unfamiliar(ctx context.Context, path string, cfg Familiarity) ([]stage.Record, error) {
	if x.LoadFold != nil {
		var err error
		if x.Net, err = x.LoadFold(ctx, cfg.Fold); err != nil {
			return nil, err
		}
	}
	detector, trained, err := x.learn(ctx, cfg)
	if err != nil {
		return nil, err
	}
	far := map[stage.Split][]distant{stage.Train: trained}
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		if far[split], err = x.distances(ctx, &detector, x.ofSplit(split)); err != nil {
			return nil, err
		}
	}
	if len(far[stage.Validation]) == 0 {
		return nil, errors.New("no image of validation says how far is far")
	}
	for _, d := range far[stage.Validation] {
		detector.Distances = append(detector.Distances, float32(d.distance))
	}
	slices.Sort(detector.Distances)
	file, err := store(path, &detector)
	if err != nil {
		return nil, stage.CannotWrite(path, err)
	}
	records, err := x.unlike(&detector, far)
	records = append(records, file, shares(far))
	if least := detector.Least(); least > outliers.Rare {
		records = append(records, stage.Event{Level: "warning", Stage: "explain", Text: fmt.Sprintf("%d validation images are too few to tell others from them: outlier_p is never below %.2g", len(detector.Distances), least)})
	}
	return records, err
}

// learn gives the training images that it learnt from, too, and how far out they lie.
func (x Subject) learn(ctx context.Context, cfg Familiarity) (d outliers.Detector, trained []distant, err error) {
	items := thinned(x.ofSplit(stage.Train), cfg.Samples)
	var features_NF [][]float32
	if err := x.features(ctx, items, func(_ item, features_F []float32) error {
		features_NF = append(features_NF, features_F)
		return nil
	}); err != nil {
		return d, nil, err
	}
	if d, err = outliers.Fit(ctx, x.Net.Engine(), features_NF, cfg.Axes); err != nil {
		return d, nil, err
	}
	for i, features_F := range features_NF {
		trained = append(trained, distant{items[i], d.Distance(features_F)})
	}
	return d, trained, nil
}

// ofSplit lists the images of a split.
func (x Subject) ofSplit(split stage.Split) (items []item) {
	for i, c := range x.Images.Cases {
		if c.Split == split && (len(items) == 0 || x.Images.Of(i) != x.Images.Of(items[len(items)-1].image)) {
			items = append(items, item{Prediction: stage.Prediction{CaseID: c.ID}, image: i})
		}
	}
	return items
}

func (x Subject) distances(ctx context.Context, d *outliers.Detector, items []item) (out []distant, err error) {
	err = x.features(ctx, items, func(of item, features_F []float32) error {
		out = append(out, distant{of, d.Distance(features_F)})
		return nil
	})
	return out, err
}

// store writes a file, and says which.
func store(path string, d *outliers.Detector) (file stage.Artefact, err error) {
	data, err := d.Encode()
	if err == nil {
		err = d.Write(path)
	}
	sum := sha256.Sum256(data)
	return stage.Artefact{Kind: "outliers", Path: path, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}, err
}

// shares are, for each split, the share of images up to each distance.
func shares(far map[stage.Split][]distant) stage.Curve {
	c := stage.Curve{Name: "outliers", Title: "How far images lie from those of the training", Section: "data",
		XLabel: "squared Mahalanobis distance per feature", YLabel: "share of images at most so far"}
	for _, split := range stage.Splits {
		sorted := slices.SortedFunc(slices.Values(far[split]), func(a, b distant) int { return cmp.Compare(a.distance, b.distance) })
		if len(sorted) == 0 {
			continue
		}
		const points = 200
		line := stage.Line{Label: string(split)}
		for i := range min(points, len(sorted)) {
			at := (i+1)*len(sorted)/min(points, len(sorted)) - 1
			line.X, line.Y = append(line.X, sorted[at].distance), append(line.Y, float64(at+1)/float64(len(sorted)))
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// unlike shows the images that lie furthest out.
func (x Subject) unlike(d *outliers.Detector, far map[stage.Split][]distant) (records []stage.Record, err error) {
	const side = 112
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		furthest := slices.SortedStableFunc(slices.Values(far[split]), func(a, b distant) int { return cmp.Compare(b.distance, a.distance) })
		if furthest = furthest[:min(listed, len(furthest))]; len(furthest) == 0 {
			continue
		}
		first, last := d.P(furthest[0].distance), d.P(furthest[len(furthest)-1].distance)
		g := stage.Gallery{Name: "outliers_" + string(split), Section: section,
			Title: fmt.Sprintf("Least like the training images, %s: furthest out first, outlier_p %.2g to %.2g", split, first, last)}
		for _, one := range furthest {
			picture, err := x.Images.Thumbnail(one.image, side)
			if err != nil {
				return nil, err
			}
			g.Pictures = append(g.Pictures, stage.Picture{Caption: fmt.Sprintf("%s · outlier_p %.2g", one.CaseID, d.P(one.distance)), PNG: picture, Case: one.CaseID})
		}
		records = append(records, g)
	}
	return records, nil
}
