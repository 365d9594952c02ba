package explain

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// batch is how many images go through the net at once; see atOnce.
const batch = 16

// atOnce is how many samples do: each may be several views and slices.
func atOnce(task model.Task) int {
	return max(1, batch/(max(1, task.Views)*max(1, task.Slices)))
}

// overlays makes a PNG for each item's image that shows which places spoke for
// the class that the net said. Where nothing did, or where the net's last maps
// have fewer than four places, there is none.
func (x Subject) overlays(ctx context.Context, items []item) (map[int][]byte, error) {
	out := map[int][]byte{}
	if x.LoadFold == nil {
		return out, x.overlaid(ctx, items, out)
	}
	byFold := map[int][]item{}
	for _, it := range items {
		if fold, err := strconv.Atoi(it.Tags[stage.FoldTag]); err == nil {
			byFold[fold] = append(byFold[fold], it)
		}
	}
	for _, fold := range slices.Sorted(maps.Keys(byFold)) {
		var err error
		if x.Net, err = x.LoadFold(ctx, fold); err != nil {
			return nil, err
		}
		if err := x.overlaid(ctx, byFold[fold], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// overlaid adds the overlays of items that the net as it is has predicted.
func (x Subject) overlaid(ctx context.Context, items []item, out map[int][]byte) error {
	for part := range slices.Chunk(items, atOnce(x.Net.Task)) {
		heats, err := x.heats(ctx, part)
		if err != nil {
			return err
		}
		for i, heat := range heats {
			if out[part[i].image], err = heat.png(); err != nil {
				return err
			}
		}
	}
	return nil
}

// heats is Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: visual explanations from
// deep networks via gradient-based localization", equations 1 and 2) on the maps
// that the net averages over places: each map is weighed by the mean of the
// gradient of the said class's score, and of the sum what is positive is kept.
// The score is the logit; with losses whose outputs are no classes, the
// probability.
func (x Subject) heats(ctx context.Context, items []item) (heats []heat, err error) {
	err = x.Net.Engine().Do(ctx, func(s *torch.Scope) error {
		p := &torch.Pass{Scope: s, Watch: true, Covariates: x.covariates(s, items)}
		var logits_BO torch.Tensor
		s.NoGrad(func() { logits_BO = x.Net.Forward(p, x.pixels(s, items)) })
		if !p.Maps.Valid() {
			return s.Err() // a net without such maps
		}
		k := len(x.Classes)
		all := k * x.Images.Questions().Count()
		scores_B := x.Scores(s, logits_BO)
		chosen := make([]float32, len(items)*all)
		for i, it := range items {
			chosen[i*all+x.Images.Cases[it.image].Target*k+it.said] = float32(len(chosen)) // Mean divides by it again
		}
		s.Backward(s.Mean(s.Mul(scores_B, s.FromFloat32(chosen, int64(len(items)), int64(all)))))
		shape := s.Describe(p.Maps).Shape
		maps, gradients := s.Float64s(p.Maps), s.Float64s(s.Grad(p.Maps))
		x.forget(s)
		if s.Err() == nil {
			all, images := weigh(maps, gradients, shape), x.Images.Shape()
			seen := x.Net.Input().Seen(images, x.Images.Slices())
			for of := range slices.Chunk(all, len(all)/len(items)) {
				for i := range of {
					of[i] = of[i].framed(seen, images)
				}
				heats = append(heats, tiled(of, images.Channels, seen.Channels, len(x.Images.Views)))
			}
		}
		return s.Err()
	})
	return heats, err
}

// pixels brings the images to the device.
func (x Subject) pixels(s *torch.Scope, items []item) (images_BCHW torch.Tensor) {
	shape := x.Images.Shape()
	var block []byte
	for _, it := range items {
		block = append(block, x.Images.Bytes(it.image)...)
	}
	return s.Pixels(block, torch.PixelFormat{
		Channels: shape.Channels, Height: shape.Height, Width: shape.Width,
		BytesPerPixel: x.Images.BytesPerPixel(), Scale: x.Images.Scale(),
	})
}

// covariates brings what the net takes besides the images.
func (x Subject) covariates(s *torch.Scope, items []item) (covariates_BV torch.Tensor) {
	var rows [][]float32
	for _, it := range items {
		rows = append(rows, x.Net.Task.Covariates.Row(x.Images.Cases[it.image].Tags))
	}
	return x.Net.CovariateInput(s, rows)
}

// forget clears the gradients that the backward pass left at the head's weights.
func (x Subject) forget(s *torch.Scope) {
	var leaves []torch.Tensor
	for _, p := range x.Net.Store.Parameters {
		if !p.Buffer {
			leaves = append(leaves, p.Tensor)
		}
	}
	s.ClearGrads(leaves)
}

// weigh makes a heat of each image's maps_BCHW and their gradients; views that went through
// the net one by one are images of it. Of maps_BCDHW of volumes each depth has one, and all
// share the weights of the maps.
func weigh(maps, gradients []float64, shape []int64) (heats []heat) {
	channels, width, places := int(shape[1]), int(shape[len(shape)-1]), 1
	for _, n := range shape[2:] {
		places *= int(n)
	}
	for b := range int(shape[0]) {
		values := make([]float64, places)
		for c := range channels {
			at := (b*channels + c) * places
			weight := 0.0
			for _, g := range gradients[at : at+places] {
				weight += g / float64(places)
			}
			for i, v := range maps[at : at+places] {
				values[i] += weight * v
			}
		}
		for i, v := range values {
			values[i] = max(0, v)
		}
		for slice := range slices.Chunk(values, width*int(shape[len(shape)-2])) {
			heats = append(heats, heat{slice, width})
		}
	}
	return heats
}
