package locate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// memory keeps what is recorded.
type memory struct{ records []stage.Record }

func (m *memory) Record(_ context.Context, records ...stage.Record) error {
	m.records = append(m.records, records...)
	return nil
}

func (*memory) Progress(stage.Progress) {}

// scalar is the last number of that name and series.
func (m *memory) scalar(name, series string, epoch int) (v float64) {
	v = math.NaN()
	for _, r := range m.records {
		if s, ok := r.(stage.Scalar); ok && s.Name == name && s.Series == series && s.Epoch == epoch {
			v = s.Value
		}
	}
	return v
}

const sideX, sideY = 80, 60 // of the pictures

// spots are pictures, in which a bright disc is what is looked for and a dark one is not, and
// the table of where it lies. Those of test images are in truth alone.
func spots(t *testing.T) (dir string, truth map[string]stage.Point) {
	t.Helper()
	dir, truth = t.TempDir(), map[string]stage.Point{}
	table := "image,x,y,label,part\n"
	for i := range 40 {
		r := stage.Rand(7, "spots", i)
		name := fmt.Sprintf("%02d.png", i)
		at := stage.Point{X: 8 + r.Float64()*(sideX-16), Y: 8 + r.Float64()*(sideY-16)}
		dark := stage.Point{X: r.Float64() * sideX, Y: r.Float64() * sideY}
		img := image.NewGray(image.Rect(0, 0, sideX, sideY))
		for y := range sideY {
			for x := range sideX {
				v := 90 + 20*r.Float64()
				v += 140 * bell(x, y, at)
				v -= 80 * bell(x, y, dark)
				img.SetGray(x, y, color.Gray{uint8(max(0, min(255, v)))})
			}
		}
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), out.String())
		part := []string{"train", "train", "train", "validation", "test"}[i%5]
		truth[name] = at
		table += fmt.Sprintf("%s,%.3f,%.3f,%d,%s\n", name, at.X, at.Y, i%2, part)
	}
	write(t, filepath.Join(dir, "cases.csv"), table)
	return dir, truth
}

func bell(x, y int, at stage.Point) float64 {
	dx, dy := float64(x)-at.X, float64(y)-at.Y
	return math.Exp(-(dx*dx + dy*dy) / 18)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func casesOf(t *testing.T, env stage.Env, dir string) audit.Cases {
	t.Helper()
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "table", Part: audit.Table{File: registry.Path(filepath.Join(dir, "cases.csv")), Image: "image", X: "x", Y: "y", Labels: []string{"label"}, Repeated: "each"}}
	data.Split.Column = "part"
	cases, err := audit.Run(t.Context(), env, data)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func small(epochs int) Config {
	c := Config{}.Defaults()
	c.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{8, 16, 16}}}
	c.Pixels, c.Epochs, c.Batch, c.Rate = 64, epochs, 8, 5e-3
	return c
}

func envIn(dir string, m *memory) stage.Env {
	return stage.Env{Now: time.Now, Recorder: m, Cache: filepath.Join(dir, "cache"), RunDir: filepath.Join(dir, "run"), Device: "cpu", Threads: 1, Workers: 2, Seed: 5}
}

// TestFindsPoints: a net that has learnt where the bright disc lies finds it in other images,
// below the size of a cell, and a run that was cut off ends with the same weights.
func TestFindsPoints(t *testing.T) {
	t.Run("cpu", func(t *testing.T) {
		dir, run, cfg := findsPoints(t, "cpu")
		checkResumed(t, dir, cfg, filepath.Join(Folder(run), "best.safetensors"))
	})
	t.Run("cuda", func(t *testing.T) {
		engine, err := torch.Open(torch.Options{Device: "cuda"})
		if err != nil {
			t.Skip("there is no cuda")
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		findsPoints(t, "cuda")
	})
}

// findsPoints trains on a device and looks at what comes of it, in the folder run.
func findsPoints(t *testing.T, device string) (dir, run string, cfg Config) {
	t.Helper()
	dir, truth := spots(t)
	m := &memory{}
	env := envIn(dir, m)
	env.Device = device
	cases, compute := casesOf(t, env, dir), train.Default.Compute
	cfg = small(8)
	if err := Run(t.Context(), env, cfg, compute, cases); err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{"validation", "test"} {
		if share := m.scalar("points_found", split, stage.Final); !(share > 0.8) {
			t.Errorf("of %s only %v were found", split, share)
		}
	}
	if first, last := m.scalar("point_loss", "train", 1), m.scalar("point_loss", "train", 8); !(last < first/3) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	if far := m.scalar(distanceName, "validation", 8); !(far < 3) {
		t.Errorf("validation points are %v pixels off in the mean", far)
	}
	l, ok, err := Read(Folder(env.RunDir))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	finder := Finder{Locator: l, Config: cfg, Compute: compute, Weights: train.Folder(Folder(env.RunDir))}
	for i := range cases.Cases {
		cases.Cases[i].Point = nil // as images without labels have none
	}
	found, err := finder.Find(t.Context(), env, cases, cfg.WantedOf(cases.Cases))
	if err != nil || len(found) != len(cases.Cases) {
		t.Fatalf("found %d of %d: %v", len(found), len(cases.Cases), err)
	}
	var far []float64
	for _, f := range found {
		at := truth[filepath.Base(f.Image)]
		far = append(far, math.Hypot(f.Point.X-at.X, f.Point.Y-at.Y))
	}
	slices.Sort(far)
	if middle := far[len(far)/2]; !(middle < 0.8) { // of pixels of the file; a cell has 5 by 3.75
		t.Errorf("half of the points are %v pixels off or more: %.2f", middle, far)
	}
	return dir, env.RunDir, cfg
}

// checkResumed cuts the training after some steps, goes on, and wants the same weights.
func checkResumed(t *testing.T, dir string, cfg Config, want string) {
	t.Helper()
	m := &memory{}
	env := envIn(dir, m)
	env.RunDir = filepath.Join(dir, "resumed")
	ctx, cancel := context.WithCancel(t.Context())
	env.Recorder = cutter{m, 5, cancel}
	cases := casesOf(t, env, dir)
	if err := Run(ctx, env, cfg, train.Default.Compute, cases); err == nil {
		t.Fatal("the cut did not end the training")
	}
	env.Recorder, env.Resume = m, true
	if err := Run(t.Context(), env, cfg, train.Default.Compute, cases); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content(t, want), content(t, filepath.Join(Folder(env.RunDir), "best.safetensors"))) {
		t.Error("a training that was cut off ended with other weights")
	}
	trained := len(m.records)
	if err := Run(t.Context(), env, cfg, train.Default.Compute, cases); err != nil {
		t.Fatal(err)
	}
	for _, r := range m.records[trained:] {
		if s, ok := r.(stage.Scalar); ok && s.Epoch != stage.Final {
			t.Fatalf("a run that was over trained again: %+v", s)
		}
	}
}

// cutter cancels in the given epoch.
type cutter struct {
	*memory
	epoch int
	stop  func()
}

func (c cutter) Record(ctx context.Context, records ...stage.Record) error {
	for _, r := range records {
		if s, ok := r.(stage.Scalar); ok && s.Epoch == c.epoch {
			c.stop()
		}
	}
	return c.memory.Record(ctx, records...)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestUnknownName: a net that knows no such point says which it knows.
func TestUnknownName(t *testing.T) {
	for _, c := range []struct {
		names, tags []string
		wanted      string
		text, hint  string
	}{
		{[]string{"a", "b"}, nil, "c", `x: the net looks for a, b, and not for "c"`, "data.keep"},
		{[]string{"a", "b", "d", "e"}, nil, unnamed, `x: the net looks for a, b, d and 1 more, and not for "point"`, "an experiment file"},
		{[]string{"a", "b"}, []string{"side", "bone"}, unnamed, `x: the net looks for a, b, and not for "point"`, "the columns side and bone"},
	} {
		f := Finder{Config: Config{Tags: c.tags}}
		f.Names = c.names
		_, err := f.Find(t.Context(), stage.Env{}, audit.Cases{}, []Wanted{{Case: "x", Name: c.wanted}})
		var fault stage.Fault
		if !errors.As(err, &fault) || fault.Err.Error() != c.text || !strings.Contains(fault.Hint, c.hint) {
			t.Errorf("%s: got %v", c.wanted, err)
		}
	}
}

// TestLocatorFile: what is read is what was written, and damage is told.
func TestLocatorFile(t *testing.T) {
	dir := t.TempDir()
	if _, ok, err := Read(dir); ok || err != nil {
		t.Errorf("of no file: %v, %v", ok, err)
	}
	var l Locator
	l.Names = []string{"a", "b"}
	if err := l.Write(dir); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := Read(dir); err != nil || !ok || !slices.Equal(got.Names, l.Names) {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
	for _, text := range []string{"", "{", `{"names": []}`, `{"names": ["b", "a"]}`, `{"names": ["a", "a"]}`, `{"names": ["a"], "pairs": [{"from": 0, "to": 7}]}`, `{"names": ["a"], "scale": 2}`, `{"names": ["a"]} {}`} {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), "how points lie") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
