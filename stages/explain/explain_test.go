package explain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

type memory struct{ records []stage.Record }

func (m *memory) Record(_ context.Context, records ...stage.Record) error {
	m.records = append(m.records, records...)
	return nil
}

func (m *memory) Progress(stage.Progress) {}

var smallBackbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 6}}}

// newSubject is a small net with drawn weights on synthetic images.
func newSubject(t *testing.T) (Subject, stage.Env, *memory) {
	t.Helper()
	dir, m := t.TempDir(), &memory{}
	if _, err := synth.Write(t.Context(), filepath.Join(dir, "data"), synth.Options{Seed: 1, Studies: 3, Size: 64}); err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Now: time.Now, Recorder: m, Cache: filepath.Join(dir, "cache"), Device: "cpu", Threads: 1, Workers: 2, Seed: 5}
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(filepath.Join(dir, "data"))}}
	data.Split.Validation = 0.34
	cases, err := audit.Run(t.Context(), env, data)
	if err != nil {
		t.Fatal(err)
	}
	steps := preprocess.Config{{Name: "decode", Part: preprocess.Decode{}}, {Name: "crop", Part: preprocess.Crop{Around: "point", Millimetres: 40}},
		{Name: "window", Part: preprocess.Window{Percentiles: [2]float64{1, 99}, Scope: "crop"}}, {Name: "resize", Part: preprocess.Resize{Pixels: 16}}}
	images, err := preprocess.Run(t.Context(), env, steps, cases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	net, err := model.Build(t.Context(), env, model.Config{
		Backbone: smallBackbone,
		Input:    model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}, images.Shape(), model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	return Subject{Net: net, Images: images, Classes: cases.Classes, Scores: func(_ *torch.Scope, l torch.Tensor) torch.Tensor { return l }, Alike: 600}, env, m
}

// TestHeatsByHand: behind an average over places and one linear layer the gradient
// of class k by each place of map c is W[k][c] / places, so the heat is known
// without any backward pass.
func TestHeatsByHand(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	items := []item{{image: 0, said: 2}, {image: 1, said: 0}, {image: 2, said: 1}}
	var maps, weight []float64
	if err := x.Net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		p := &torch.Pass{Scope: s, Watch: true}
		s.NoGrad(func() { x.Net.Forward(p, x.pixels(s, items)) })
		maps = s.Float64s(p.Maps)
		fc, _ := x.Net.Store.Get("fc.weight")
		weight = s.Float64s(fc.Tensor)
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
	got, err := x.heats(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	const channels, places = 6, 16
	positive := 0
	for b, it := range items {
		for i := range places {
			want := 0.0
			for c := range channels {
				want += weight[it.said*channels+c] / places * maps[(b*channels+c)*places+i]
			}
			want = max(0, want)
			if want > 0 {
				positive++
			}
			if g := got[b].values[i]; !(math.Abs(g-want) <= 1e-6*(1+want)) {
				t.Errorf("image %d, place %d: %g, want %g", b, i, g, want)
			}
		}
	}
	if positive == 0 {
		t.Error("no place speaks for its class: the test shows nothing")
	}
}

// TestOverlaysOfFolds: each image is asked of the net of its fold, and one that
// several nets predicted of none.
func TestOverlaysOfFolds(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	of := func(image int, fold string) item {
		return item{Prediction: stage.Prediction{Tags: map[string]string{stage.FoldTag: fold}}, image: image, said: 1}
	}
	whole, err := x.overlays(t.Context(), []item{of(0, ""), of(1, ""), of(2, ""), of(3, "")})
	if err != nil {
		t.Fatal(err)
	}
	var became []int
	x.LoadFold = func(_ context.Context, fold int) (*model.Net, error) {
		became = append(became, fold)
		return x.Net, nil
	}
	got, err := x.overlays(t.Context(), []item{of(0, "2"), of(1, "1"), of(2, "2"), of(3, "")})
	if err != nil {
		t.Fatal(err)
	}
	delete(whole, 3)
	if !slices.Equal(became, []int{1, 2}) || !reflect.DeepEqual(got, whole) {
		t.Errorf("became %v; %d overlays, want %d", became, len(got), len(whole))
	}
}

// TestHeatsLeaveNoGradients: the weights must not keep what the backward pass left.
func TestHeatsLeaveNoGradients(t *testing.T) {
	t.Parallel()
	x, _, _ := newSubject(t)
	if err := x.Net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		x.Net.Store.Train(s, func(string) bool { return true }, torch.TrainedStatistics)
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
	before, err := x.Net.Engine().LiveTensors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.heats(t.Context(), []item{{said: 1}}); err != nil {
		t.Fatal(err)
	}
	if after, err := x.Net.Engine().LiveTensors(t.Context()); err != nil || after != before {
		t.Errorf("%d tensors live, before there were %d (%v)", after, before, err)
	}
	if err := x.Net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range x.Net.Store.Parameters {
			if !p.Buffer && s.Grad(p.Tensor).Valid() {
				t.Errorf("%s has a gradient", p.Name)
			}
		}
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

func TestHeatPNG(t *testing.T) {
	t.Parallel()
	data, err := heat{[]float64{0, 1, 2, 4, 0, 0}, 3}.png()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 3 || b.Dy() != 2 {
		t.Errorf("the picture is %v", b)
	}
	alpha := func(x, y int) uint32 { _, _, _, a := img.At(x, y).RGBA(); return a >> 8 }
	if alpha(0, 0) != 0 || alpha(0, 1) != opaque || alpha(1, 0) >= alpha(2, 0) {
		t.Errorf("alpha: %d, %d, %d, %d", alpha(0, 0), alpha(1, 0), alpha(2, 0), alpha(0, 1))
	}
	for _, nothing := range []heat{{[]float64{0, 0, 0, 0}, 2}, {[]float64{3}, 1}, {[]float64{math.NaN(), 0, 0, 0}, 2}} {
		if data, err := nothing.png(); err != nil || data != nil {
			t.Errorf("%v: got %d bytes, %v", nothing, len(data), err)
		}
	}
}

// TestTiled: heats lie where pictures show the views; one heat is that of all.
func TestTiled(t *testing.T) {
	t.Parallel()
	one, two, three := heat{[]float64{1, 2, 3, 4}, 2}, heat{[]float64{5, 6, 7, 8}, 2}, heat{[]float64{9, 0, 0, 9}, 2}
	for _, c := range []struct {
		of                    []heat
		channels, seen, views int
		want                  heat
	}{
		{[]heat{one}, 1, 1, 0, one},
		{[]heat{one, two, three}, 3, 3, 0, two}, // of three slices the middle one is shown
		{[]heat{one, two, three}, 9, 9, 3, heat{[]float64{1, 2, 5, 6, 3, 4, 7, 8, 9, 0, 0, 0, 0, 9, 0, 0}, 4}},
		{[]heat{one}, 2, 2, 2, heat{[]float64{1, 2, 1, 2, 3, 4, 3, 4}, 4}},
		{[]heat{one, two, three, three}, 4, 4, 0, heat{[]float64{1, 2, 5, 6, 3, 4, 7, 8, 9, 0, 9, 0, 0, 9, 0, 9}, 4}}, // four slices are shown
		{[]heat{one, two}, 8, 8, 2, heat{[]float64{
			1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 1, 2, 5, 6, 5, 6, 3, 4, 7, 8, 7, 8, 5, 6, 5, 6, 0, 0, 7, 8, 7, 8, 0, 0}, 6}},
		// Of four slices of each of two views the net saw the middle two, as one image or one by one.
		{[]heat{one}, 8, 4, 2, heat{[]float64{
			0, 0, 1, 2, 1, 2, 0, 0, 3, 4, 3, 4, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0}, 6}},
		{[]heat{one, two, three, one}, 8, 4, 2, heat{[]float64{
			0, 0, 1, 2, 5, 6, 0, 0, 3, 4, 7, 8, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 9, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0}, 6}},
		{[]heat{two}, 3, 1, 0, two},
	} {
		if got := tiled(c.of, c.channels, c.seen, c.views); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d channels, %d views: got %v, want %v", c.channels, c.views, got, c.want)
		}
	}
	if data, err := tiled([]heat{{[]float64{1}, 1}, {[]float64{2}, 1}, {[]float64{2}, 1}, {[]float64{2}, 1}}, 4, 4, 4).png(); err != nil || data != nil {
		t.Errorf("maps of one place say where: %d bytes, %v", len(data), err)
	}
}

// TestHeatsOfViews: views that go through the net one by one have each their heat, that of
// their maps, which are weighed by what the last layer has for them.
func TestHeatsOfViews(t *testing.T) {
	t.Parallel()
	const views, channels, places = 2, 3, 4
	maps, gradients := make([]float64, views*channels*places), make([]float64, views*channels*places)
	for i := range maps {
		maps[i], gradients[i] = float64(i%7), float64(i/places)
	}
	got := weigh(maps, gradients, []int64{views, channels, 2, 2})
	for v := range views {
		for i := range places {
			want := 0.0
			for c := range channels {
				want += float64(v*channels+c) * maps[(v*channels+c)*places+i]
			}
			if got[v].values[i] != want {
				t.Errorf("view %d, place %d: got %v, want %v", v, i, got[v].values[i], want)
			}
		}
	}
}

// TestHeatsOfVolumes: each depth has a heat, and all depths weigh a map alike: by the mean of
// its gradient over all places.
func TestHeatsOfVolumes(t *testing.T) {
	t.Parallel()
	const channels, depths, places = 3, 2, 4
	maps, gradients := make([]float64, channels*depths*places), make([]float64, channels*depths*places)
	for i := range maps {
		maps[i], gradients[i] = float64(i%7), float64(i%5)
	}
	got := weigh(maps, gradients, []int64{1, channels, depths, 2, 2})
	if len(got) != depths || got[0].width != 2 {
		t.Fatalf("%d heats: %+v", len(got), got)
	}
	for d := range depths {
		for i := range places {
			want := 0.0
			for c := range channels {
				mean := 0.0
				for _, g := range gradients[c*depths*places : (c+1)*depths*places] {
					mean += g / (depths * places)
				}
				want += mean * maps[(c*depths+d)*places+i]
			}
			if !(math.Abs(got[d].values[i]-want) <= 1e-12) {
				t.Errorf("depth %d, place %d: got %v, want %v", d, i, got[d].values[i], want)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	var items []item
	add := func(label int, p ...float64) {
		items = append(items, newItem(stage.Prediction{CaseID: fmt.Sprint(len(items)), Label: label, Probabilities: p}, len(items)))
	}
	add(0, 0.9, 0.1, 0)     // 0
	add(1, 0.9, 0.1, 0)     // 1: wrong
	add(2, 0.99, 0.01, 0)   // 2: most wrong
	add(1, 0.45, 0.46, 0.1) // 3: least certain
	for i := range 20 {
		add(0, 0.6+float64(i)/100, 0.2-float64(i)/100, 0.2) // recognised, more and more sure
	}
	got := choose([]string{"a", "b", "c"}, stage.Validation, items)
	ids := func(c choice) string {
		var out []string
		for _, it := range c.items {
			out = append(out, it.CaseID)
		}
		return strings.Join(out, " ")
	}
	if g := ids(got[0]); g != "2 1" {
		t.Errorf("worst: %s", g)
	}
	if g := ids(got[1]); !strings.HasPrefix(g, "3 4 5 ") || len(got[1].items) != listed {
		t.Errorf("least certain: %s", g)
	}
	var cells []string
	for _, c := range got[2:] {
		cells = append(cells, c.cell.Row+c.cell.Column+": "+ids(c))
	}
	if want := []string{"ba: 1", "ca: 2", "aa: 0 18 11 4", "bb: 3"}; !slices.Equal(cells, want) {
		t.Errorf("cells %q, want %q", cells, want)
	}
	if title := got[4].title; title != "a recognised, validation: 4 of 21 cases" {
		t.Errorf("title %q", title)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	var predictions []stage.Prediction
	wrong := map[string]bool{}
	for i, c := range x.Images.Cases {
		p := stage.Prediction{CaseID: c.ID, Label: c.Label, Split: c.Split, Probabilities: []float64{0.2, 0.2, 0.2}}
		p.Probabilities[i%3] += 0.4
		predictions = append(predictions, p)
		if i%3 != c.Label && c.Split != stage.Train {
			wrong[c.ID] = true
		}
	}
	predictions = append(predictions, stage.Prediction{CaseID: "of no image", Split: stage.Test, Probabilities: []float64{1, 0, 0}})
	seen.records = nil
	if err := Run(t.Context(), env, x, predictions); err != nil {
		t.Fatal(err)
	}
	overlays := 0
	for _, r := range seen.records {
		switch v := r.(type) {
		case stage.Gallery:
			for _, p := range v.Pictures {
				if _, err := png.Decode(bytes.NewReader(p.PNG)); err != nil || p.Case == "" {
					t.Errorf("%s: case %q, %v", v.Title, p.Case, err)
				}
				if p.Overlay != nil {
					overlays++
				}
			}
		case stage.Thumbnail:
			if !wrong[v.Case] {
				t.Errorf("a thumbnail of %s, which is right", v.Case)
			}
			delete(wrong, v.Case)
		}
	}
	if len(wrong) > 0 || overlays == 0 {
		t.Errorf("%d wrong cases without a thumbnail, %d overlays", len(wrong), overlays)
	}
}

// TestPicturesWithoutHeat: what goes wrong in asking the net costs the heat alone.
func TestPicturesWithoutHeat(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	var predictions []stage.Prediction
	for _, c := range x.Images.Cases {
		predictions = append(predictions, stage.Prediction{CaseID: c.ID, Label: c.Label, Split: c.Split, Probabilities: []float64{0.2, 0.5, 0.3}})
	}
	if err := x.Net.Engine().Close(); err != nil {
		t.Fatal(err)
	}
	seen.records = nil
	if err := Run(t.Context(), env, x, predictions); err != nil {
		t.Fatal(err)
	}
	warned, pictures := false, 0
	for _, r := range seen.records {
		switch v := r.(type) {
		case stage.Event:
			warned = warned || v.Level == "warning" && strings.Contains(v.Text, "where the net looked")
		case stage.Gallery:
			pictures += len(v.Pictures)
		}
	}
	if !warned || pictures == 0 {
		t.Errorf("warned %v, %d pictures", warned, pictures)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Run(ctx, env, x, predictions); !errors.Is(err, context.Canceled) && !errors.Is(err, torch.ErrClosed) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestAtOnce: a sample of many slices is many images, whose maps must have room.
func TestAtOnce(t *testing.T) {
	for want, task := range map[int]model.Task{16: model.Single(3), 8: {Views: 2}, 2: {Slices: 8}, 1: {Views: 3, Slices: 64}} {
		if got := atOnce(task); got != want {
			t.Errorf("%+v: got %d, want %d", task, got, want)
		}
	}
}

// TestFramedHeats lie in the middle that a net saw.
func TestFramedHeats(t *testing.T) {
	t.Parallel()
	all, seen := preprocess.Shape{Height: 8, Width: 12}, preprocess.Shape{Height: 8, Width: 8}
	got := heat{[]float64{1, 2, 3, 4}, 2}.framed(seen, all)
	if got.width != 12 || len(got.values) != 12*8 {
		t.Fatalf("%d of %d", got.width, len(got.values))
	}
	for i, want := range map[int]float64{0: 0, 1: 0, 2: 1, 5: 1.375, 6: 1.625, 9: 2, 3*12 + 5: 0.625*1.375 + 0.375*3.375, 10: 0, 4*12 + 2: 2.25, 7*12 + 2: 3, 7*12 + 9: 4, 7*12 + 11: 0} {
		if got.values[i] != want {
			t.Errorf("place %d: got %v, want %v", i, got.values[i], want)
		}
	}
	if same := (heat{[]float64{1}, 1}).framed(seen, seen); same.width != 1 {
		t.Errorf("of all of an image: %v", same)
	}
}
