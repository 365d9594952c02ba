package preprocess

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

type memory struct {
	sync.Mutex
	records []stage.Record
}

func (m *memory) Record(_ context.Context, r ...stage.Record) error {
	m.Lock()
	defer m.Unlock()
	m.records = append(m.records, r...)
	return nil
}

func (m *memory) Progress(stage.Progress) {}

func (m *memory) fact(name string) string {
	for _, r := range m.records {
		if f, ok := r.(stage.Fact); ok && f.Name == name {
			return f.Value
		}
	}
	return ""
}

func steps(side int) Config {
	return Config{
		{Name: "decode", Part: Decode{}}, {Name: "crop", Part: Crop{Around: "point", Millimetres: 40}},
		{Name: "window", Part: Window{Percentiles: [2]float64{1, 99}, Scope: "series"}}, {Name: "resize", Part: Resize{Pixels: side}},
	}
}

func cases(t *testing.T, defects ...string) audit.Cases {
	t.Helper()
	root := t.TempDir()
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 4, Size: 48, Defects: defects}); err != nil {
		t.Fatal(err)
	}
	cfg := audit.Default
	cfg.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(root)}}
	c, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 2}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t *testing.T, cache string, workers int, cfg Config, c audit.Cases) (*Images, *memory) {
	t.Helper()
	m := &memory{}
	images, err := Run(t.Context(), stage.Env{Recorder: m, Cache: cache, Workers: workers}, cfg, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	return images, m
}

func all(im *Images) (out []byte) {
	for i := range im.Len() {
		out = append(out, im.Bytes(i)...)
	}
	return out
}

func TestCacheHoldsWhatWasMade(t *testing.T) {
	c, cache := cases(t), t.TempDir()
	first, m := run(t, cache, 1, steps(16), c)
	if m.fact("preprocess cache") != "miss" || first.Len() != len(c.Cases) || first.Shape() != (Shape{1, 16, 16}) {
		t.Fatalf("first run: %s, %d images of %v", m.fact("preprocess cache"), first.Len(), first.Shape())
	}
	second, m := run(t, cache, 4, steps(16), c)
	if m.fact("preprocess cache") != "hit" || !reflect.DeepEqual(all(first), all(second)) {
		t.Error("the second run did not find the images of the first")
	}
	fresh, _ := run(t, t.TempDir(), 4, steps(16), c)
	if !reflect.DeepEqual(all(first), all(fresh)) {
		t.Error("one and four workers made different images")
	}
	if _, m := run(t, cache, 1, steps(17), c); m.fact("preprocess cache") != "miss" {
		t.Error("another setting found the old images")
	}
	moved := c
	moved.Cases = append([]stage.Case{}, c.Cases...)
	moved.Cases[0].Point = &stage.Point{X: 1, Y: 1}
	if _, m := run(t, cache, 1, steps(16), moved); m.fact("preprocess cache") != "miss" {
		t.Error("another point found the old images")
	}
}

func TestBrokenCacheIsMadeAgain(t *testing.T) {
	c, cache := cases(t), t.TempDir()
	first, _ := run(t, cache, 2, steps(8), c)
	want := append([]byte{}, all(first)...)
	first.Close()
	files, _ := filepath.Glob(filepath.Join(cache, "images-*.bin"))
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for what, broken := range map[string][]byte{"cut": data[:len(data)-5], "empty": nil, "other": append([]byte("XXXXXXXX"), data[8:]...)} {
		if err := os.WriteFile(files[0], broken, 0o644); err != nil {
			t.Fatal(err)
		}
		if images, m := run(t, cache, 2, steps(8), c); m.fact("preprocess cache") != "miss" || !reflect.DeepEqual(all(images), want) {
			t.Errorf("%s: the broken file was used", what)
		}
	}
}

func TestUnreadableImageIsDroppedWithItsReason(t *testing.T) {
	c := cases(t)
	if err := os.Truncate(c.Cases[0].Image, 900); err != nil {
		t.Fatal(err)
	}
	cfg := steps(8)
	cfg[2].Part = Window{Percentiles: [2]float64{1, 99}, Scope: "image"}
	images, m := run(t, t.TempDir(), 2, cfg, c)
	if images.Len() >= len(c.Cases) {
		t.Error("the broken image was used")
	}
	for _, r := range m.records {
		if table, ok := r.(stage.Table); ok && table.Name == "undecoded" && strings.Contains(table.Rows[0][1].(string), c.Cases[0].Image) {
			return
		}
	}
	t.Error("no table says which image and why")
}

func TestCropKeepsThePointInTheMiddle(t *testing.T) {
	p := &Picture{Width: 9, Height: 5, Pixels: make([]float32, 45), RowSpacing: 2, ColumnSpacing: 1, Point: &stage.Point{X: 6, Y: 2}}
	p.Pixels[2*9+6] = 1
	if err := (Crop{Millimetres: 5}).Apply(p); err != nil {
		t.Fatal(err)
	}
	// rows lie twice as far apart: half of the pixel shows one row up and down
	want := []float32{
		0, 0, 0, 0, 0,
		0, 0, .5, 0, 0,
		0, 0, 1, 0, 0,
		0, 0, .5, 0, 0,
		0, 0, 0, 0, 0,
	}
	if !reflect.DeepEqual(p.Pixels, want) || *p.Point != (stage.Point{X: 2, Y: 2}) {
		t.Errorf("got %v with the point at %v", p.Pixels, p.Point)
	}
}

func TestCropRepeatsTheEdge(t *testing.T) {
	p := &Picture{Width: 2, Height: 1, Pixels: []float32{3, 7}, Point: &stage.Point{X: 1, Y: 0}}
	if err := (Crop{Pixels: 3}).Apply(p); err != nil {
		t.Fatal(err)
	}
	if want := []float32{3, 7, 7, 3, 7, 7, 3, 7, 7}; !reflect.DeepEqual(p.Pixels, want) {
		t.Errorf("got %v, want %v", p.Pixels, want)
	}
}

// TestPercentiles has numpy.percentile([1, 2, 4, 8], [0, 10, 50, 99]).
func TestPercentiles(t *testing.T) {
	got := percentiles([]float32{8, 1, 4, 2}, []float64{0, 10, 50, 99})
	for i, want := range []float64{1, 1.3, 3, 7.88} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("got %v, want %v at %d", got, want, i)
		}
	}
}

func TestBlankPictureBecomesBlack(t *testing.T) {
	p := &Picture{Width: 2, Height: 1, Pixels: []float32{5, 5}}
	if err := (Window{Percentiles: [2]float64{1, 99}, Scope: "image"}).Apply(p); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.Pixels, []float32{0, 0}) || len(p.Warnings) != 1 {
		t.Errorf("got %v, warnings %v", p.Pixels, p.Warnings)
	}
}

func TestResizeAgreesWithTorchvision(t *testing.T) {
	for _, c := range resizeCases {
		p := &Picture{Width: c.width, Height: c.height, Pixels: append([]float32{}, c.in...)}
		if err := (Resize{Pixels: c.side}).Apply(p); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if math.Abs(float64(p.Pixels[i]-want)) > 1e-5 {
				t.Errorf("%d×%d to %d: pixel %d is %v, torchvision has %v", c.width, c.height, c.side, i, p.Pixels[i], want)
			}
		}
	}
}

func TestPlan(t *testing.T) {
	if s, err := Plan(steps(24)); err != nil || s != (Shape{1, 24, 24}) {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := Plan(steps(24)[:3]); err == nil || !strings.Contains(err.Error(), "resize") {
		t.Errorf("without resize: %v", err)
	}
	if _, err := Plan(steps(24)[1:]); err == nil || !strings.Contains(err.Error(), "decode") {
		t.Errorf("without decode: %v", err)
	}
}

func BenchmarkOneImage(b *testing.B) {
	img := make([]float32, 320*320)
	for b.Loop() {
		p := &Picture{Width: 320, Height: 320, Pixels: img, RowSpacing: 0.6, ColumnSpacing: 0.6, Point: &stage.Point{X: 160, Y: 160}}
		if err := (Crop{Millimetres: 80}).Apply(p); err != nil {
			b.Fatal(err)
		}
		if err := (Resize{Pixels: 224}).Apply(p); err != nil {
			b.Fatal(err)
		}
	}
}
