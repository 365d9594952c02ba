package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vertebra/stages/outliers"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// RarityTable is the name of the table that says how many images are unlike those of the training.
const RarityTable = "outlier_shares"

// rare is an image and how rare such are.
type rare struct {
	item
	p float64
}

// Rarity records of images that were not there when the net was trained how rare such are: p gives
// the conformal p-value of a case. If images are like those of the validation split, a share of at
// most p has p or less.
func (x Subject) Rarity(ctx context.Context, env stage.Env, p func(caseID string) float64) error {
	var all []rare
	for _, it := range x.ofSplit(stage.Test) {
		all = append(all, rare{it, p(it.CaseID)})
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b rare) int { return cmp.Compare(a.p, b.p) })
	gallery, err := x.rarest(all)
	if err != nil {
		return err
	}
	return env.Recorder.Record(ctx, rarityCurve(all), x.rarityTable(all), gallery)
}

// upTo is the share of images with p or less, which are sorted.
func upTo(all []rare, p float64) float64 {
	n, _ := slices.BinarySearchFunc(all, p, func(r rare, p float64) int {
		if r.p <= p {
			return -1
		}
		return 1
	})
	return float64(n) / float64(len(all))
}

func (x Subject) rarityTable(all []rare) stage.Table {
	t := stage.Table{Name: RarityTable, Title: "Images unlike those of the training", Section: "external",
		Columns: []string{"outlier_p at most", "of images like the run's", "of these"},
		Note:    "small: 95 % intervals (Clopper and Pearson, of as many groups as there are); outlier_p is the share of the run's validation images, and this one, that lie at least as far from those of the training, by what the last layer sees"}
	groups := map[string]bool{}
	for _, one := range all {
		groups[x.Images.Cases[one.image].Group] = true
	}
	for _, p := range []float64{0.01, outliers.Rare, 0.1, 0.25, 0.5} {
		share := stage.Estimate{Value: upTo(all, p)}
		share.Low, share.High = statistics.Share(share.Value, len(groups), 0.95)
		t.Rows = append(t.Rows, []any{p, p, share})
	}
	return t
}

func rarityCurve(all []rare) stage.Curve {
	const points = 100
	line := stage.Line{Label: "these images"}
	for i := range points + 1 {
		at := float64(i) / points
		line.X, line.Y = append(line.X, at), append(line.Y, upTo(all, at))
	}
	return stage.Curve{Name: "outlier_shares", Title: "How unlike those of the training images are", Section: "external",
		XLabel: "outlier_p", YLabel: "share of images with at most that",
		Lines: []stage.Line{{Label: "images like the run's", X: []float64{0, 1}, Y: []float64{0, 1}}, line}}
}

// rarest shows the images that such are rarest of.
func (x Subject) rarest(all []rare) (g stage.Gallery, err error) {
	const side = 112
	g = stage.Gallery{Name: "outliers_" + string(stage.Test), Section: section, Title: "Least like the images of the training"}
	for _, one := range all[:min(listed, len(all))] {
		picture, err := x.Images.Thumbnail(one.image, side)
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: fmt.Sprintf("%s · outlier_p %.2g", one.CaseID, one.p), PNG: picture, Case: one.CaseID})
	}
	return g, nil
}
