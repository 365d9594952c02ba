package preprocess

import (
	"bytes"
	"context"
	"errors"
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

// memo keeps what a run records.
type memo struct {
	sync.Mutex
	records  []stage.Record
	progress int
	tell     func(stage.Progress) // may be nil
}

func (m *memo) Record(_ context.Context, records ...stage.Record) error {
	m.Lock()
	defer m.Unlock()
	m.records = append(m.records, records...)
	return nil
}

func (m *memo) Progress(p stage.Progress) {
	m.Lock()
	defer m.Unlock()
	if m.progress++; m.tell != nil {
		m.tell(p)
	}
}

func (m *memo) fact(name string) string {
	for _, r := range m.records {
		if f, ok := r.(stage.Fact); ok && f.Name == name {
			return f.Value
		}
	}
	return ""
}

// step gives how a step's results came about.
func (m *memo) step(name string) (u StepUse) {
	for _, r := range m.records {
		if t, ok := r.(stage.Table); ok && t.Name == "preprocess_steps" {
			for _, row := range t.Rows {
				if row[0] == name {
					u = StepUse{name, row[1].(int), row[2].(int), row[3].(int)}
				}
			}
		}
	}
	return u
}

func (m *memo) warnings() string {
	var text []string
	for _, r := range m.records {
		if e, ok := r.(stage.Event); ok && e.Level == "warning" {
			text = append(text, e.Text)
		}
	}
	return strings.Join(text, "\n")
}

// bench is a small data set.
type bench struct {
	root  string
	cases audit.Cases
}

func newBench(t testing.TB, studies int, defects ...string) bench {
	t.Helper()
	root := t.TempDir()
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: studies, Size: 64, Defects: defects}); err != nil {
		t.Fatal(err)
	}
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(root)}}
	data.Split.Validation = 0.34
	cases, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 2, Seed: 5}, data)
	if err != nil {
		t.Fatal(err)
	}
	return bench{root, cases}
}

func steps(parts ...Step) Config {
	cfg := Config{{Name: "decode", Part: Decode{}}}
	for _, p := range parts {
		name := strings.ToLower(reflect.TypeOf(p).Name())
		cfg = append(cfg, registry.One[Step]{Name: name, Part: p})
	}
	return cfg
}

var (
	crop     = Crop{Around: "point", Millimetres: 40}
	bySeries = Window{Percentiles: [2]float64{1, 99}, Scope: "series"}
	byCrop   = Window{Percentiles: [2]float64{1, 99}, Scope: "crop"}
	usual    = steps(crop, bySeries, Resize{Pixels: 16})
)

// run preprocesses in the given cache folder.
func (b bench) run(t testing.TB, cache string, workers int, cfg Config) (*Images, *memo) {
	t.Helper()
	m := &memo{}
	images, err := Run(t.Context(), stage.Env{Recorder: m, Cache: cache, Workers: workers}, cfg, b.cases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	return images, m
}

// cached gives the one file of images in a cache folder.
func cached(t testing.TB, cache string) string {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(cache, "images-*"))
	if len(paths) != 1 || !strings.HasSuffix(paths[0], ".bin") {
		t.Fatalf("the cache holds %v; want one finished file", paths)
	}
	return paths[0]
}

func TestSecondRunReadsTheCache(t *testing.T) {
	t.Parallel()
	b, cache := newBench(t, 3), t.TempDir()
	first, told := b.run(t, cache, 2, usual)
	if got := told.fact("preprocess cache"); got != "miss" {
		t.Errorf("first run: cache %q, want miss", got)
	}
	if got, want := first.Shape(), (Shape{1, 16, 16}); got != want || first.Len() != len(b.cases.Cases) || len(first.Cases) != first.Len() {
		t.Errorf("got %d images of %v with %d cases, want %d of %v", first.Len(), got, len(first.Cases), len(b.cases.Cases), want)
	}
	moved := b.cases.Cases[0]
	b.cases.Cases[0].Label, b.cases.Cases[0].Split = 2, stage.Test
	second, told := b.run(t, cache, 2, usual)
	if got := told.fact("preprocess cache"); got != "hit" {
		t.Errorf("second run: cache %q, want hit", got)
	}
	if got := second.Cases[0]; got.ID != moved.ID || got.Label != 2 || got.Split != stage.Test {
		t.Errorf("case of a cached image is %+v, want today's label and split", got)
	}
	for i := range first.Len() {
		if !bytes.Equal(first.Bytes(i), second.Bytes(i)) {
			t.Fatalf("image %d differs between runs", i)
		}
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3, "blank_slice", "truncated_file")
	var files [][]byte
	for _, workers := range []int{1, 4} {
		cache := t.TempDir()
		b.run(t, cache, workers, usual)
		data, err := os.ReadFile(cached(t, cache))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the files of 1 and 4 workers differ")
	}
}

func TestBrokenCacheIsMadeAgain(t *testing.T) {
	t.Parallel()
	b, cache := newBench(t, 2), t.TempDir()
	cfg := steps(crop, byCrop, Resize{Pixels: 8})
	b.run(t, cache, 2, cfg)
	path := cached(t, cache)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	turned := func(at int) []byte {
		data := bytes.Clone(whole)
		data[at] ^= 1
		return data
	}
	for name, data := range map[string][]byte{
		"empty": nil, "short": whole[:100], "cut": whole[:len(whole)-1], "longer": append(bytes.Clone(whole), 0),
		"magic": turned(0), "place": turned(8), "length": turned(16), "sum": turned(24), "contents": turned(len(whole) - 5),
		"first image": turned(headSize), "another image": turned(headSize + 8*8*37 + 5),
	} {
		// A new file: the old one may still be mapped, and cutting it would end the test.
		if err := errors.Join(os.Remove(path), os.WriteFile(path, data, 0o644)); err != nil {
			t.Fatal(err)
		}
		_, told := b.run(t, cache, 2, cfg)
		if told.fact("preprocess cache") != "miss" || !strings.Contains(told.warnings(), "made again") {
			t.Errorf("%s: cache %q, warnings %q; want it made again", name, told.fact("preprocess cache"), told.warnings())
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
			t.Errorf("%s: the file was not mended (%v)", name, err)
		}
	}
}

func TestKeyHoldsWhatMatters(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2}
	key := func(cfg Config, cases audit.Cases) string {
		layout, err := Describe(cfg)
		if err != nil {
			t.Fatal(err)
		}
		sums := readChecksums(env.Cache)
		k, known := newBuilder(env, newChain(cfg, layout), cases, nil).key(func(path string) (string, bool) {
			return sums.read(path, nil).hash, true
		})
		if !known {
			t.Fatal("a file is not known")
		}
		return k
	}
	bare := steps(crop, byCrop, Resize{Pixels: 16})
	base, baseSeries := key(bare, b.cases), key(usual, b.cases)
	if base == baseSeries || key(steps(crop, byCrop, Resize{Pixels: 17}), b.cases) == base {
		t.Error("settings do not change the key")
	}
	changed := b.cases
	changed.Cases = append([]stage.Case(nil), b.cases.Cases...)
	changed.Cases[0].Label, changed.Cases[0].Split = 2, stage.Test
	if key(bare, changed) != base {
		t.Error("label and split change the key")
	}
	changed.Cases[0].Point = &stage.Point{X: 1, Y: 2}
	if key(bare, changed) == base {
		t.Error("the point does not change the key")
	}
	other := otherFile(t, b.cases)
	if err := os.WriteFile(other, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	if key(bare, b.cases) != base {
		t.Error("a file that is not read changes the key")
	}
	if key(usual, b.cases) == baseSeries {
		t.Error("a file of the series does not change the key of a window over the series")
	}
}

// otherFile finds a file of a used series that no case lies on.
func otherFile(t *testing.T, cases audit.Cases) string {
	t.Helper()
	used := map[string]bool{}
	for _, c := range cases.Cases {
		used[c.Image] = true
	}
	for _, f := range cases.Series[cases.Cases[0].Series].Files {
		if !used[f.Path] {
			return f.Path
		}
	}
	t.Fatal("every file has a case")
	return ""
}

func TestFewBrokenFilesAreDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	broken := b.cases.Cases[3].Image
	if err := os.Truncate(broken, 900); err != nil {
		t.Fatal(err)
	}
	images, told := b.run(t, t.TempDir(), 2, usual)
	dropped := 0
	for _, c := range b.cases.Cases {
		if c.Image == broken {
			dropped++
		}
	}
	if got, want := images.Len(), len(b.cases.Cases)-dropped; got != want {
		t.Errorf("%d images are left, want %d", got, want)
	}
	for i, c := range images.Cases {
		if c.Image == broken {
			t.Errorf("image %d is of the broken file", i)
		}
	}
	var rows [][]any
	for _, r := range told.records {
		if table, ok := r.(stage.Table); ok && table.Name == "undecoded" {
			rows = table.Rows
		}
	}
	if name := b.cases.Local(broken); name == broken || len(rows) != dropped || !strings.HasPrefix(rows[0][1].(string), name) {
		t.Errorf("undecoded has %v, want %d rows that name %s", rows, dropped, name)
	}
	if folder := strings.TrimSuffix(broken, b.cases.Local(broken)); strings.Contains(told.warnings(), folder) {
		t.Errorf("the warnings name the data set's folder: %s", told.warnings())
	}
	for _, want := range []string{"image could not be used", "not in its statistics"} {
		if !strings.Contains(told.warnings(), want) {
			t.Errorf("no warning has %q: %s", want, told.warnings())
		}
	}
}

func TestManyBrokenFilesAreAnError(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	for i, c := range b.cases.Cases {
		if i%10 != 0 {
			if err := os.WriteFile(c.Image, []byte("no image"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, cache := &memo{}, t.TempDir()
	_, err := Run(t.Context(), stage.Env{Recorder: m, Cache: cache, Workers: 2}, usual, b.cases)
	if err == nil || !strings.Contains(err.Error(), "cannot be used, the first") || !strings.Contains(err.Error(), ".dcm") {
		t.Errorf("got %v, want an error that names a file", err)
	}
	if paths, _ := filepath.Glob(filepath.Join(cache, "images-*")); len(paths) != 0 {
		t.Errorf("%v is left in the cache", paths)
	}
}

func TestCancelledGoesOnLater(t *testing.T) {
	t.Parallel()
	// Of three studies the last cuts come when one of two workers has written a full batch.
	b, cache, whole := newBench(t, 3), t.TempDir(), t.TempDir()
	b.run(t, whole, 2, usual)
	stop := errors.New("stop")
	for at := 1; at < len(b.cases.Cases)-2*batchPieces; at += 6 { // later, all may be made
		ctx, cancel := context.WithCancelCause(t.Context())
		m := &memo{tell: func(p stage.Progress) {
			if p.Done == at {
				cancel(stop)
			}
		}}
		_, err := Run(ctx, stage.Env{Recorder: m, Cache: cache, Workers: 2}, usual, b.cases)
		if !errors.Is(err, stop) {
			t.Errorf("cancelled at %d: got %v, want the cause", at, err)
		}
	}
	_, told := b.run(t, cache, 2, usual)
	if got := told.step("resize"); got.Reused == 0 || got.Computed == 0 {
		t.Errorf("the last run found %+v; want some, but not all, of %d images made", got, len(b.cases.Cases))
	}
	sameFolder(t, cache, whole)
}

// sameFolder wants the same files with the same bytes in two folders.
func sameFolder(t testing.TB, got, want string) {
	t.Helper()
	list := func(root string) map[string]string {
		out := map[string]string{}
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			name, _ := filepath.Rel(root, path)
			out[name] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	g, w := list(got), list(want)
	for name, data := range w {
		if other, there := g[name]; !there || other != data {
			t.Errorf("%s differs or is missing (there: %v)", name, there)
		}
	}
	for name := range g {
		if _, there := w[name]; !there {
			t.Errorf("%s is left over", name)
		}
	}
	if len(w) < 3 {
		t.Errorf("only %d files to compare", len(w))
	}
}

// A file that is cut while it is mapped ends a run with an error, not the process.
func TestFileThatIsCutWhileItIsMapped(t *testing.T) {
	t.Parallel()
	b, cache := newBench(t, 2), t.TempDir()
	images, _ := b.run(t, cache, 2, steps(crop, byCrop, Resize{Pixels: 64}))
	last := images.Len() - 1
	to := make([]byte, len(images.Bytes(last)))
	if n, err := images.CopyTo(to, last); err != nil || n != len(to) || !bytes.Equal(to, images.Bytes(last)) {
		t.Fatal(n, err)
	}
	if err := os.Truncate(cached(t, cache), headSize); err != nil {
		t.Fatal(err)
	}
	if _, err := images.CopyTo(to, last); err == nil || stage.KindOf(err) != stage.Machine || !strings.Contains(err.Error(), images.Cases[last].ID) {
		t.Errorf("got %v", err)
	}
}

func TestRunsAtOnceShareTheWork(t *testing.T) {
	t.Parallel()
	b, cache := newBench(t, 2), t.TempDir()
	memos := make([]memo, 4)
	var group sync.WaitGroup
	for i := range memos {
		group.Go(func() {
			images, err := Run(t.Context(), stage.Env{Recorder: &memos[i], Cache: cache, Workers: 1}, usual, b.cases)
			if err != nil {
				t.Error(err)
				return
			}
			images.Close()
		})
	}
	group.Wait()
	made := 0
	for i := range memos {
		if memos[i].fact("preprocess cache") == "miss" {
			made++
		}
	}
	if made != 1 {
		t.Errorf("the images were made %d times, want once", made)
	}
	cached(t, cache) // and nothing unfinished is left
}

func TestWindowBeforeAndAfterCrop(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	after, _ := b.run(t, t.TempDir(), 2, usual)
	before, _ := b.run(t, t.TempDir(), 2, steps(bySeries, crop, Resize{Pixels: 16}))
	for i := range after.Len() {
		x, y := after.plane(i, 0), before.plane(i, 0)
		for j := range x {
			// Clipping and interpolation change places, so edges may differ.
			if d := x[j] - y[j]; !(d <= 0.1) || !(d >= -0.1) {
				t.Fatalf("image %d pixel %d: %v after the crop, %v before", i, j, x[j], y[j])
			}
		}
	}
}

func TestGallery(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	images, told := b.run(t, t.TempDir(), 2, usual)
	counts := map[string]int{}
	for _, r := range told.records {
		g, ok := r.(stage.Gallery)
		if !ok {
			continue
		}
		for _, p := range g.Pictures {
			id, class, _ := strings.Cut(p.Caption, " · ")
			counts[class]++
			for _, c := range images.Cases {
				if c.ID == id && (c.Split != stage.Train || b.cases.Classes[c.Label] != class) {
					t.Errorf("caption %q is of %+v", p.Caption, c)
				}
			}
		}
	}
	for label, class := range b.cases.Classes {
		if want := len(images.some(label)); counts[class] != want || want == 0 {
			t.Errorf("%d pictures of %s, want %d", counts[class], class, want)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	set := newBench(b, 2)
	for b.Loop() {
		im, _ := set.run(b, b.TempDir(), 1, usual)
		im.Close()
	}
	b.ReportMetric(float64(b.N*len(set.cases.Cases))/b.Elapsed().Seconds(), "images/s")
}
