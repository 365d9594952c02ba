package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"vertebra/stages/internal/tsne"
	"vertebra/stages/stage"
)

// sample is an image with the items that are asked about it.
type sample []item

// landscape lays out samples of a split so that those are near each other that the net finds
// alike: t-SNE of what its last layer sees. With folds it is the first one's net, and of the
// validation split what that fold did not train on. x.Alike samples are, since pages draw each as a
// point and the work grows with the square. Of too few there is none.
func (x Subject) landscape(ctx context.Context, split stage.Split, items []item) ([]stage.Record, error) {
	if x.Alike == 0 {
		return nil, nil
	}
	items, of, err := x.ofFirstNet(ctx, items)
	if err != nil {
		return missing(ctx, split, "no figure of what the net finds alike", err)
	}
	all := x.samples(items)
	shown := thinned(all, x.Alike)
	if len(shown) < tsne.Least {
		return nil, nil
	}
	figure, err := x.placed(ctx, shown)
	if err != nil {
		return missing(ctx, split, "no figure of what the net finds alike", err)
	}
	figure.Name, figure.Title = "alike_"+string(split), fmt.Sprintf("What the net finds alike, %s%s", split, of)
	if len(shown) < len(all) {
		figure.Note += fmt.Sprintf(". These are %d of %d samples", len(shown), len(all))
	}
	return []stage.Record{figure}, nil
}

// placed asks the net as it is about samples, and finds a place for each.
func (x Subject) placed(ctx context.Context, shown []sample) (out stage.Scatter, err error) {
	var firsts []item
	for _, s := range shown {
		firsts = append(firsts, s[0])
	}
	var features_BF [][]float32
	if err := x.features(ctx, firsts, func(_ item, features_F []float32) error {
		features_BF = append(features_BF, features_F)
		return nil
	}); err != nil {
		return out, err
	}
	squared := tsne.Squared(features_BF)
	places, err := tsne.Place(ctx, squared, len(shown))
	if err != nil {
		return out, err
	}
	out.Section = section
	out.Note = "near each other lie samples of which the last layer of the net sees much the same (t-SNE); directions and distances between groups say little"
	for i, s := range shown {
		out.Points = append(out.Points, s.at(places[i]))
	}
	if len(x.Images.Targets) == 0 {
		out.Note += ". " + company(squared, firsts)
	}
	return out, nil
}

// ofFirstNet takes the net of the first fold, and gives the items that are new to it.
func (x *Subject) ofFirstNet(ctx context.Context, items []item) (own []item, of string, err error) {
	if x.LoadFold == nil {
		return items, "", nil
	}
	const first = 1
	for _, it := range items {
		if tag, has := it.Tags[stage.FoldTag]; !has || tag == strconv.Itoa(first) {
			own = append(own, it)
		}
	}
	x.Net, err = x.LoadFold(ctx, first)
	return own, fmt.Sprintf(", net of fold %d", first), err
}

// samples puts the items of one image together, in the order of the images.
func (x Subject) samples(items []item) (out []sample) {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b item) int { return cmp.Compare(a.image, b.image) })
	for _, it := range sorted {
		if n := len(out); n > 0 && x.Images.Of(out[n-1][0].image) == x.Images.Of(it.image) {
			out[n-1] = append(out[n-1], it)
		} else {
			out = append(out, sample{it})
		}
	}
	return out
}

// thinned takes so many of a list, from all over it.
func thinned[T any](all []T, most int) (out []T) {
	n := min(most, len(all))
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

func (s sample) at(place [2]float64) stage.ScatterPoint {
	p := stage.ScatterPoint{X: place[0], Y: place[1]}
	for _, it := range s {
		p.Cases = append(p.Cases, it.CaseID)
	}
	return p
}

// company says how often the samples nearest to one, by features, are of its class.
func company(squared []float64, items []item) string {
	n := len(items)
	near := min(10, n-1)
	same, any := 0.0, 0.0
	for i, it := range items {
		order := make([]int, 0, n)
		for j := range items {
			if j != i {
				order = append(order, j)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(squared[i*n+a], squared[i*n+b]) })
		same += shareOf(items, order[:near], it.Label) / float64(n)
		any += shareOf(items, order, it.Label) / float64(n)
	}
	return fmt.Sprintf("Of the %d samples nearest to one, %.0f %% are of its class; of all others, %.0f %%", near, 100*same, 100*any)
}

// shareOf is how many of the items at these places have the label, as a part of one.
func shareOf(items []item, places []int, label int) float64 {
	count := 0
	for _, at := range places {
		if items[at].Label == label {
			count++
		}
	}
	return float64(count) / float64(len(places))
}
