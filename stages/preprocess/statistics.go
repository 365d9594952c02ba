package preprocess

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// apart is how far a split's mean may lie from that of training, in standard
// deviations of training.
const apart = 0.25

// wider is by which factor the standard deviation may differ from that of training, and fewest
// how many images tell it.
const (
	wider  = 1.25
	fewest = 10
)

// inSplits lists the first case of each image in each split that asks about it: one, where
// no sample is torn.
func (im *Images) inSplits() (out []int) {
	for _, first := range im.firsts {
		begin := len(out)
		for i := first; i < len(im.Cases) && im.of[i] == im.of[first]; i++ {
			if !slices.ContainsFunc(out[begin:], func(j int) bool { return im.Cases[j].Split == im.Cases[i].Split }) {
				out = append(out, i)
			}
		}
	}
	return out
}

// meanStd computes mean and standard deviation of each split's pixels, in
// [0, 1], from each image's exact sums. Blank views do not count.
func (im *Images) meanStd() (mean, std map[stage.Split]float64) {
	mean, std = map[stage.Split]float64{}, map[stage.Split]float64{}
	sum, squares, n := map[stage.Split]float64{}, map[stage.Split]float64{}, map[stage.Split]float64{}
	full, shape := float64(im.layout.full()), im.layout.Shape
	for _, i := range im.inSplits() {
		r, c := im.row(i), im.Cases[i]
		sum[c.Split] += float64(r.Sum) / full
		squares[c.Split] += float64(r.Squares) / full / full
		n[c.Split] += float64(len(im.seen(im.of[i])) * shape.Channels * shape.Height * shape.Width)
	}
	for split, n := range n {
		mean[split] = sum[split] / n
		std[split] = math.Sqrt(max(0, squares[split]/n-mean[split]*mean[split]))
	}
	return mean, std
}

// enters gives mean and standard deviation of a split as the net sees it, when
// the steps say how pixels enter it: over all channels.
func (im *Images) enters(split stage.Split) (mean, std float64) {
	mean, std = im.Mean[split], im.Std[split]
	n := im.layout.Normalisation
	if n == nil {
		return mean, std
	}
	scale, sum, squares := 1.0, 0.0, 0.0
	if split == stage.Train {
		scale = n.TrainScale
	}
	for i, m := range n.Mean {
		at, spread := (mean-m)/n.Std[i]*scale, std/n.Std[i]*scale
		sum += at
		squares += at*at + spread*spread
	}
	channels := float64(len(n.Mean))
	mean = sum / channels
	return mean, math.Sqrt(max(0, squares/channels-mean*mean))
}

// Entering is enters, with the number of images; 0 where the split has none.
func (im *Images) Entering(split stage.Split) (images int, mean, std float64) {
	for _, i := range im.inSplits() {
		if im.Cases[i].Split == split {
			images++
		}
	}
	mean, std = im.enters(split)
	return images, mean, std
}

// PixelsFact begins the names of the facts that hold the mean and the standard deviation of a
// split's pixels; the name of the split follows.
const PixelsFact = "pixels of "

const pixelsFormat = "mean %f, standard deviation %f"

// Unlike holds pixels as they enter a net against the training's, by their fact, and says in
// words that they do not look alike; "" where they do, or where images are too few to say.
func Unlike(fact string, images int, mean, std float64) string {
	var train, deviation float64
	if _, err := fmt.Sscanf(fact, pixelsFormat, &train, &deviation); err != nil || images < fewest || !(deviation > 0) {
		return ""
	}
	if ratio := std / deviation; math.Abs(mean-train) <= apart*deviation && ratio <= wider && ratio >= 1/wider {
		return ""
	}
	return fmt.Sprintf("the pixels of these %d images have the mean %.3f and the standard deviation %.3f, those of training %.3f and %.3f: the nets have not learnt from images like these",
		images, mean, std, train, deviation)
}

// spread tells each split's statistics, and warns where one lies far from
// training: then the net would be judged on another kind of image.
func (im *Images) spread() []stage.Record {
	t := stage.Table{Name: "input_statistics", Title: "Pixels of each split, as the net sees them", Section: "data", Columns: []string{"split", "images", "mean", "standard deviation"}}
	if im.layout.Normalisation == nil {
		t.Title = "Pixels of each split, in [0, 1]"
	}
	var records []stage.Record
	count := map[stage.Split]int{}
	for _, i := range im.inSplits() {
		count[im.Cases[i].Split]++
	}
	_, trained := im.Mean[stage.Train]
	train, deviation := im.enters(stage.Train)
	for _, split := range stage.Splits {
		if _, ok := im.Mean[split]; !ok {
			continue
		}
		mean, std := im.enters(split)
		t.Rows = append(t.Rows, []any{string(split), count[split], mean, std})
		records = append(records, stage.Fact{Name: PixelsFact + string(split), Value: fmt.Sprintf("mean %.4f, standard deviation %.4f", mean, std)})
		if trained && math.Abs(mean-train) > apart*deviation {
			records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: fmt.Sprintf(
				"the mean pixel of the %s split is %.3f, that of training %.3f: they lie more than %v standard deviations apart, so the splits do not look alike",
				split, mean, train, apart)})
		}
	}
	if event := im.shadeless(); trained && event != nil {
		records = append(records, *event)
	}
	return append(records, t)
}
