package explain

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// asked are items of the first images of a subject, all of one class.
func asked(x Subject, n int) (out []item) {
	for i := range n {
		out = append(out, newItem(stage.Prediction{CaseID: x.Images.Cases[i].ID, Probabilities: []float64{1, 0, 0}}, i))
	}
	return out
}

// TestFeatures: the last layer makes logits of them.
func TestFeatures(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	items := asked(x, len(x.Images.Cases)) // more than go through the net at once
	var got [][]float32
	if err := x.Features(t.Context(), func(of stage.Case, features_F []float32) error {
		if want := items[len(got)].CaseID; of.ID != want {
			t.Errorf("features of %s, want those of %s", of.ID, want)
		}
		got = append(got, features_F)
		return nil
	}); err != nil || len(got) != len(items) || len(got) <= batch {
		t.Fatalf("features of %d of %d items: %v", len(got), len(items), err)
	}
	if err := x.Net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		var logits []float64
		s.NoGrad(func() { logits = s.Float64s(x.Net.Forward(&torch.Pass{Scope: s}, x.pixels(s, items))) })
		weight, _ := x.Net.Store.Get("fc.weight")
		bias, _ := x.Net.Store.Get("fc.bias")
		w, b := s.Float64s(weight.Tensor), s.Float64s(bias.Tensor)
		for i, row := range got {
			for k := range b {
				want := b[k]
				for f, v := range row {
					want += w[k*len(row)+f] * float64(v)
				}
				if l := logits[i*len(b)+k]; !(math.Abs(l-want) <= 1e-5) {
					t.Errorf("image %d, class %d: %g of the features, the net says %g", i, k, want, l)
				}
			}
		}
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

// TestLandscape: a point for each sample, with all that is asked about it; twins are alike.
func TestLandscape(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	items := asked(x, 12)
	for i := range items {
		items[i].Label = i % 2
	}
	items = append(items, items[3]) // the same image is asked about twice
	items[12].CaseID = "another question"
	records, err := x.landscape(t.Context(), stage.Test, items)
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	got := records[0].(stage.Scatter)
	if got.Title != "What the net finds alike, test" || len(got.Points) != 12 || !slices.Equal(got.Points[3].Cases, []string{items[3].CaseID, "another question"}) {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.Note, "Of the 10 samples nearest to one, ") || strings.Contains(got.Note, "NaN") {
		t.Error(got.Note)
	}
	if few, err := x.landscape(t.Context(), stage.Test, items[:7]); err != nil || few != nil {
		t.Errorf("seven samples: %v, %v", few, err)
	}
	x.Alike = 9
	if records, err := x.landscape(t.Context(), stage.Test, items); err != nil || len(records) != 1 || len(records[0].(stage.Scatter).Points) != 9 || !strings.HasSuffix(records[0].(stage.Scatter).Note, ". These are 9 of 12 samples") {
		t.Errorf("nine of them: %v, %v", records, err)
	}
	x.Alike = 0
	if records, err := x.landscape(t.Context(), stage.Test, items); err != nil || records != nil {
		t.Errorf("turned off: %v, %v", records, err)
	}
}

// TestLandscapeOfFolds: the first fold's net, and what it did not train on.
func TestLandscapeOfFolds(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	var became []int
	x.LoadFold = func(_ context.Context, fold int) (*model.Net, error) {
		became = append(became, fold)
		return x.Net, nil
	}
	items := asked(x, 20)
	for i := range items {
		items[i].Tags = map[string]string{stage.FoldTag: strconv.Itoa(1 + i%2)}
	}
	records, err := x.landscape(t.Context(), stage.Validation, items)
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	got := records[0].(stage.Scatter)
	if !slices.Equal(became, []int{1}) || len(got.Points) != 10 || got.Title != "What the net finds alike, validation, net of fold 1" {
		t.Errorf("became %v: %+v", became, got)
	}
}

// TestLandscapeOfBrokenNet: the run goes on, and says what is missing and why.
func TestLandscapeOfBrokenNet(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	x.LoadFold = func(context.Context, int) (*model.Net, error) { return nil, fmt.Errorf("the file is gone") }
	records, err := x.landscape(t.Context(), stage.Test, asked(x, 12))
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	if e, is := records[0].(stage.Event); !is || e.Level != "warning" || !strings.Contains(e.Text, "test: no figure of what the net finds alike: the file is gone") {
		t.Errorf("%+v", records)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if records, err := x.landscape(ctx, stage.Test, asked(x, 12)); err == nil {
		t.Errorf("a stopped run went on: %+v", records)
	}
}

// TestCompany, by hand: two of class a lie together, of b each lies nearest to an a.
func TestCompany(t *testing.T) {
	t.Parallel()
	at, labels := []float64{0, 1, 10, -10}, []int{0, 0, 1, 1}
	var items []item
	squared := make([]float64, 16)
	for i := range at {
		items = append(items, item{Prediction: stage.Prediction{Label: labels[i]}})
		for j := range at {
			squared[i*4+j] = (at[i] - at[j]) * (at[i] - at[j])
		}
	}
	if got, want := company(squared, items), "Of the 3 samples nearest to one, 33 % are of its class; of all others, 33 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for i := range 20 {
		items = append(items, item{Prediction: stage.Prediction{Label: i / 10}})
	}
	items = items[4:]
	squared = make([]float64, 400)
	for i := range 20 {
		for j := range 20 {
			squared[i*20+j] = float64((i/10 - j/10) * (i/10 - j/10)) // two places, one for each class
		}
	}
	if got, want := company(squared, items), "Of the 10 samples nearest to one, 90 % are of its class; of all others, 47 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestThinned(t *testing.T) {
	t.Parallel()
	const most = 600
	all := make([]sample, 2*most)
	for i := range all {
		all[i] = sample{{image: i}}
	}
	got := thinned(all, most)
	if len(got) != most || got[0][0].image != 0 || got[1][0].image != 2 || got[most-1][0].image != 2*most-2 {
		t.Errorf("%d samples, the last is image %d", len(got), got[len(got)-1][0].image)
	}
	if got := thinned([]sample(nil), most); len(got) != 0 {
		t.Errorf("%d of none", len(got))
	}
}
