package explain

import (
	"context"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// Looked makes for each prediction a PNG that shows which places of its picture spoke for the class
// of the highest probability, by Grad-CAM as galleries do; nil where nothing did, or the net has no
// such maps. Where the nets of several folds said it together, it is the mean of their maps, each
// divided by its largest value first, so that no net counts more because its scores are larger.
func (x Subject) Looked(ctx context.Context, predictions []stage.Prediction, folds []int) (out [][]byte, err error) {
	at, items := x.places(), make([]item, len(predictions))
	for i, p := range predictions {
		items[i] = newItem(p, at[p.CaseID])
	}
	sums := make([]heat, len(items))
	if x.LoadFold == nil {
		folds = []int{0}
	}
	for _, fold := range folds {
		if x.LoadFold != nil {
			if x.Net, err = x.LoadFold(ctx, fold); err != nil {
				return nil, err
			}
		}
		if err := x.addHeats(ctx, items, sums); err != nil {
			return nil, err
		}
	}
	out = make([][]byte, len(items))
	for i, sum := range sums {
		if out[i], err = sum.png(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addHeats adds to each sum the heat of its item, of which the largest value is 1.
func (x Subject) addHeats(ctx context.Context, items []item, sums []heat) error {
	for start := 0; start < len(items); start += atOnce(x.Net.Task) {
		part := items[start:min(start+atOnce(x.Net.Task), len(items))]
		heats, err := x.heats(ctx, part)
		if err != nil {
			return err
		}
		for i, h := range heats {
			sums[start+i] = sums[start+i].with(h)
		}
	}
	return nil
}

// with adds another heat of the same places, as shares of its largest value.
func (h heat) with(other heat) heat {
	most := slices.Max(append([]float64{0}, other.values...))
	if !(most > 0) || math.IsInf(most, 0) {
		return h
	}
	if h.values == nil {
		h = heat{make([]float64, len(other.values)), other.width}
	}
	for i, v := range other.values {
		h.values[i] += v / most
	}
	return h
}

// Pictures gives what the net sees of cases, as PNG whose sides have at most so many pixels: see
// preprocess.Images.Thumbnail.
func (x Subject) Pictures(caseIDs []string, side int) (map[string][]byte, error) {
	at, out := x.places(), map[string][]byte{}
	for _, id := range caseIDs {
		picture, err := x.Images.Thumbnail(at[id], side)
		if err != nil {
			return nil, err
		}
		out[id] = picture
	}
	return out, nil
}
