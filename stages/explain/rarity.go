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

// Rare is an image that was not there when nets were trained, and how rare such are.
type Rare struct {
	CaseID string // the first case of the image
	Group  string
	P      float64 // conformal p-value: of images like those of the validation split, a share of at most P has P or less
}

// Others lists the images of the test split, of which nothing is known yet.
func (x Subject) Others() (all []Rare) {
	for _, it := range x.ofSplit(stage.Test) {
		all = append(all, Rare{CaseID: it.CaseID, Group: x.Images.Cases[it.image].Group, P: 1})
	}
	return all
}

// Thumbnails gives small pictures of cases, as PNG.
func (x Subject) Thumbnails(caseIDs []string) (map[string][]byte, error) {
	const side = 112
	return x.Pictures(caseIDs, side)
}

// Rarity records how rare images are that were not there when nets were trained. pictures gives
// what there is of cases, as PNG.
func Rarity(ctx context.Context, env stage.Env, all []Rare, pictures func(caseIDs []string) (map[string][]byte, error)) error {
	if len(all) == 0 {
		return nil
	}
	all = slices.SortedStableFunc(slices.Values(all), func(a, b Rare) int { return cmp.Compare(a.P, b.P) })
	gallery, err := rarest(all, pictures)
	if err != nil {
		return err
	}
	return env.Recorder.Record(ctx, rarityCurve(all), rarityTable(all), gallery)
}

// upTo is the share of images with p or less, which are sorted.
func upTo(all []Rare, p float64) float64 {
	n, _ := slices.BinarySearchFunc(all, p, func(r Rare, p float64) int {
		if r.P <= p {
			return -1
		}
		return 1
	})
	return float64(n) / float64(len(all))
}

func rarityTable(all []Rare) stage.Table {
	t := stage.Table{Name: RarityTable, Title: "Images unlike those of the training", Section: "external",
		Columns: []string{"outlier_p at most", "of images like the run's", "of these"},
		Note:    "small: 95 % intervals (Clopper and Pearson, of as many groups as there are); outlier_p is the share of the run's validation images, and this one, that lie at least as far from those of the training, by what the last layer sees; of several nets their mean, which is small more rarely"}
	groups := map[string]bool{}
	for _, one := range all {
		groups[one.Group] = true
	}
	for _, p := range []float64{0.01, outliers.Rare, 0.1, 0.25, 0.5} {
		share := stage.Estimate{Value: upTo(all, p)}
		share.Low, share.High = statistics.Share(share.Value, len(groups), 0.95)
		t.Rows = append(t.Rows, []any{p, p, share})
	}
	return t
}

func rarityCurve(all []Rare) stage.Curve {
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
func rarest(all []Rare, pictures func([]string) (map[string][]byte, error)) (g stage.Gallery, err error) {
	g = stage.Gallery{Name: "outliers_" + string(stage.Test), Section: section, Title: "Least like the images of the training"}
	all = all[:min(listed, len(all))]
	var ids []string
	for _, one := range all {
		ids = append(ids, one.CaseID)
	}
	shown, err := pictures(ids)
	if err != nil {
		return g, err
	}
	for _, one := range all {
		g.Pictures = append(g.Pictures, stage.Picture{Caption: fmt.Sprintf("%s · outlier_p %.2g", one.CaseID, one.P), PNG: shown[one.CaseID], Case: one.CaseID})
	}
	return g, nil
}
