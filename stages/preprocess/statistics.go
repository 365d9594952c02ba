package preprocess

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// apart is how far a split's mean may lie from that of training, in standard
// deviations of training.
const apart = 0.25

// meanStd computes mean and standard deviation of each split's pixels, in
// [0, 1], from each image's exact sums.
func (im *Images) meanStd() (mean, std map[stage.Split]float64) {
	mean, std = map[stage.Split]float64{}, map[stage.Split]float64{}
	sum, squares, n := map[stage.Split]float64{}, map[stage.Split]float64{}, map[stage.Split]float64{}
	for i, c := range im.Cases {
		e := im.head.Images[i]
		sum[c.Split] += float64(e.Sum) / full
		squares[c.Split] += float64(e.Squares) / full / full
		n[c.Split] += float64(im.head.Shape.bytes() / 2)
	}
	for split, n := range n {
		mean[split] = sum[split] / n
		std[split] = math.Sqrt(max(0, squares[split]/n-mean[split]*mean[split]))
	}
	return mean, std
}

// spread tells each split's statistics, and warns where one lies far from
// training: then the net would be judged on another kind of image.
func (im *Images) spread() []stage.Record {
	t := stage.Table{Name: "input_statistics", Title: "Pixels of each split, in [0, 1]", Section: "data", Columns: []string{"split", "images", "mean", "standard deviation"}}
	var records []stage.Record
	count := map[stage.Split]int{}
	for _, c := range im.Cases {
		count[c.Split]++
	}
	train, trained := im.Mean[stage.Train]
	for _, split := range stage.Splits {
		mean, ok := im.Mean[split]
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, []any{string(split), count[split], mean, im.Std[split]})
		records = append(records, stage.Fact{Name: "pixels of " + string(split), Value: fmt.Sprintf("mean %.4f, standard deviation %.4f", mean, im.Std[split])})
		if trained && math.Abs(mean-train) > apart*im.Std[stage.Train] {
			records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: fmt.Sprintf(
				"the mean pixel of the %s split is %.3f, that of training %.3f: they lie more than %v standard deviations apart, so the splits do not look alike",
				split, mean, train, apart)})
		}
	}
	return append(records, t)
}
