package explain

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// said are predictions of the first images, whose likeliest classes are these.
func said(x Subject, classes ...int) (out []stage.Prediction) {
	for i, k := range classes {
		p := stage.Prediction{CaseID: x.Images.Cases[i].ID, Probabilities: []float64{0.1, 0.1, 0.1}}
		p.Probabilities[k] = 0.8
		out = append(out, p)
	}
	return out
}

// TestLooked: of one net what galleries show; of the nets of folds the mean of their maps, each as a
// share of its largest value.
func TestLooked(t *testing.T) {
	t.Parallel()
	x, env, _ := newSubject(t)
	asked := said(x, 2, 0, 1)
	items := []item{{image: 0, said: 2}, {image: 1, said: 0}, {image: 2, said: 1}}
	want, err := x.overlays(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Looked(t.Context(), asked, []int{1, 2}) // folds do not matter without LoadFold
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for i := range items {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("image %d: another map than in a gallery", i)
		}
		if got[i] != nil {
			drawn++
		}
	}
	if drawn == 0 {
		t.Fatal("no map was drawn: the test shows nothing")
	}
	other := otherNet(t, x, env)
	own := x.Net
	x.LoadFold = func(_ context.Context, fold int) (*model.Net, error) {
		return map[int]*model.Net{1: own, 2: other}[fold], nil
	}
	got, err = x.Looked(t.Context(), asked, []int{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range items {
		if sum := shareOfHeats(t, x, it, own, other); sum != nil {
			png, err := (heat{sum, 4}).png()
			if err != nil || !bytes.Equal(got[i], png) {
				t.Errorf("image %d of two nets: another map than the mean of theirs, %v", i, err)
			}
		}
	}
	gone := errors.New("gone")
	x.LoadFold = func(context.Context, int) (*model.Net, error) { return nil, gone }
	if _, err := x.Looked(t.Context(), asked, []int{1}); !errors.Is(err, gone) {
		t.Errorf("without its net: got %v", err)
	}
}

// otherNet is a net of the same layers with other weights.
func otherNet(t *testing.T, x Subject, env stage.Env) *model.Net {
	t.Helper()
	env.Seed++
	net, err := model.Build(t.Context(), env, model.Config{Backbone: smallBackbone, Input: model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}}}, x.Images.Shape(), model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	return net
}

// shareOfHeats adds the maps of nets for an image, each divided by its largest value; nil where none
// speaks for the class.
func shareOfHeats(t *testing.T, x Subject, it item, nets ...*model.Net) (sum []float64) {
	t.Helper()
	for _, net := range nets {
		x.Net = net
		heats, err := x.heats(t.Context(), []item{it})
		if err != nil {
			t.Fatal(err)
		}
		most := slices.Max(heats[0].values)
		if most <= 0 {
			continue
		}
		if sum == nil {
			sum = make([]float64, len(heats[0].values))
		}
		for i, v := range heats[0].values {
			sum[i] += v / most
		}
	}
	return sum
}

// TestHeatsWithoutEnd: maps that are nothing, or infinite, add nothing.
func TestHeatsWithoutEnd(t *testing.T) {
	t.Parallel()
	sum := heat{}.with(heat{[]float64{0, 1, 2, 4}, 2})
	for _, none := range [][]float64{{0, 0, 0, 0}, nil, {1, 2, 3, math.Inf(1)}} {
		sum = sum.with(heat{none, 2})
	}
	if want := []float64{0, 0.25, 0.5, 1}; !slices.Equal(sum.values, want) || sum.width != 2 {
		t.Errorf("got %v, want %v", sum, want)
	}
}
