package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// keeper is a Recorder that remembers.
type keeper struct {
	lock    sync.Mutex
	records []stage.Record
}

func (k *keeper) Record(_ context.Context, records ...stage.Record) error {
	k.lock.Lock()
	defer k.lock.Unlock()
	k.records = append(k.records, records...)
	return nil
}

func (k *keeper) Progress(stage.Progress) {}

// fact gives the value of a Fact; "" when there is none.
func (k *keeper) fact(name string) string {
	for _, r := range k.records {
		if f, ok := r.(stage.Fact); ok && f.Name == name {
			return f.Value
		}
	}
	return ""
}

func (k *keeper) table(name string) stage.Table {
	for _, r := range k.records {
		if t, ok := r.(stage.Table); ok && t.Name == name {
			return t
		}
	}
	return stage.Table{}
}

func (k *keeper) says(level, text string) bool {
	for _, r := range k.records {
		if e, ok := r.(stage.Event); ok && e.Level == level && strings.Contains(e.Text, text) {
			return true
		}
	}
	return false
}

// config is the section data for a folder.
func config(root string) Config {
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "rsna", Part: RSNA{Root: registry.Path(root)}}
	cfg.Split.Test = 0.1
	return cfg
}

func environment(r stage.Recorder) stage.Env { return stage.Env{Recorder: r, Workers: 4, Seed: 1} }

// shared is a data set of eight studies that tests only read: seven whole ones,
// and one with labels but no points.
var shared struct {
	sync.Once
	dir     string
	planted synth.Planted
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

func sharedFolder(t testing.TB) string {
	t.Helper()
	shared.Do(func() {
		dir, err := os.MkdirTemp("", "audit-*")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
		s, err := synth.Write(context.Background(), dir, synth.Options{Seed: 11, Studies: 8, Size: 64, Defects: []string{"no_coordinates"}})
		if err != nil {
			t.Fatal(err)
		}
		shared.planted = s.Planted[0]
	})
	return shared.dir
}

func TestRunRecords(t *testing.T) {
	t.Parallel()
	kept := &keeper{}
	cases, err := Run(t.Context(), environment(kept), config(sharedFolder(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(cases.Cases) != 175 || !slices.IsSortedFunc(cases.Cases, func(a, b stage.Case) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("got %d cases, sorted or not; want 175 sorted ones", len(cases.Cases))
	}
	splits := kept.table("splits")
	total := 0
	for _, row := range splits.Rows {
		total += row[1].(int)
	}
	if len(splits.Rows) != 3 || total != 175 {
		t.Errorf("got %v, want 175 cases in three splits", splits.Rows)
	}
	if rows := kept.table("cases_by_condition_and_level").Rows; len(rows) != 25 || rows[0][2] != 7 {
		t.Errorf("got %v, want 25 rows of 7 cases", rows)
	}
	for _, name := range []string{"data fingerprint", "studies", "cases that share their image with another", "accuracy ceiling given the whole image alone", "leak check"} {
		if kept.fact(name) == "" {
			t.Errorf("no fact %q", name)
		}
	}
	first := cases.Cases[0]
	if s := cases.Series[first.Series]; s.Study != first.Group || s.Type == "" || len(s.Files) != 9 || s.Files[0].Instance != 9 || s.Files[8].Instance != 1 {
		t.Errorf("got the series %+v of %s, want its study, type and files from the patient's right to the left", s, first.ID)
	}
}

// TestFingerprint wants one and the same for the same data: wherever it lies,
// in whatever order its rows are; and another for other data.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	one, two := sharedFolder(t), filepath.Join(t.TempDir(), "moved")
	if err := os.CopyFS(two, os.DirFS(one)); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(two, "train_label_coordinates.csv")
	lines := strings.Split(strings.TrimSpace(read(t, table)), "\n")
	slices.Reverse(lines[1:])
	write(t, table, "\xef\xbb\xbf"+strings.Join(lines, "\r\n")+"\r\n")
	a, b := fingerprintOf(t, one, 1), fingerprintOf(t, two, 1)
	if a != b {
		t.Errorf("got %s and %s, want one fingerprint for another folder and another order of rows", a, b)
	}
	env := environment(stage.Discard)
	cfg := config(one)
	cfg.Split.Seed = 1
	if cases, err := Run(t.Context(), env, cfg); err != nil || cases.Fingerprint != a {
		t.Errorf("got %s and %v for another seed of the experiment, want %s", cases.Fingerprint, err, a)
	}
	others := 0
	for seed := range uint64(6) {
		if fingerprintOf(t, one, seed) != a {
			others++
		}
	}
	if others == 0 {
		t.Error("got one fingerprint for six seeds, want others: the splits differ")
	}
	image := filepath.Join(two, "train_images", anImage(t, one))
	write(t, image, read(t, image)+"\xfc\xff\xfc\xff\x00\x00\x00\x00\x00\x00\x00\x00")
	c := fingerprintOf(t, two, 1)
	if c == a {
		t.Errorf("got %s for a file of another size too", c)
	}
	write(t, table, strings.Replace(read(t, table), ".", ".1", 1))
	if fingerprintOf(t, two, 1) == c {
		t.Errorf("got %s for another point too", c)
	}
}

// anImage is the path of a labelled image below train_images.
func anImage(t *testing.T, dir string) string {
	t.Helper()
	cells := strings.Split(strings.Split(read(t, filepath.Join(dir, "train_label_coordinates.csv")), "\n")[1], ",")
	return filepath.Join(cells[0], cells[1], cells[2]+".dcm")
}

func fingerprintOf(t *testing.T, dir string, seed uint64) string {
	t.Helper()
	env, cfg := environment(stage.Discard), config(dir)
	env.Seed, cfg.Split.Seed = 100+seed, seed // the former has no say
	cases, err := Run(t.Context(), env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return cases.Fingerprint
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := Run(ctx, environment(stage.Discard), config(sharedFolder(t))); err == nil || err.Error() != "enough" {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
}

func TestRunWithoutCases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"train.csv", "train_label_coordinates.csv", "train_series_descriptions.csv"} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join(sharedFolder(t), name)))
	}
	_, err := Run(t.Context(), environment(stage.Discard), config(dir))
	if err == nil || !strings.Contains(err.Error(), "no case is left (missing image: 175; label without point: 25)") {
		t.Errorf("got %v, want an error that counts the missing images", err)
	}
}

// TestLocal: texts that name files by the data set's folder, or by where that is on this
// machine, name them by their place in it.
func TestLocal(t *testing.T) {
	t.Parallel()
	whole, err := filepath.Abs("data/set")
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{"data/set", "./data/set/", whole} {
		c := Cases{root: root}
		got := c.Local(whole + "/a/1.dcm is broken, data/set/a/2.dcm is not")
		want := "a/1.dcm is broken, a/2.dcm is not"
		if root == whole {
			want = "a/1.dcm is broken, data/set/a/2.dcm is not"
		}
		if got != want {
			t.Errorf("%s: got %q", root, got)
		}
	}
	for text, want := range map[string]string{
		"d/old/a.png": "old/a.png", "d/d/d/a.png": "d/d/a.png", "old/d/a.png": "old/d/a.png", "the first: d/d/b.png, d/c.png": "the first: d/b.png, c.png",
		"(d/é.png)": "(é.png)", "../d/a.png": "../d/a.png", `"d/a b.png" and/or 'd/x'`: `"a b.png" and/or 'x'`, "réd/a": "réd/a",
	} {
		if got := (Cases{root: "d"}).Local(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	for _, root := range []string{"", "."} {
		if got := (Cases{root: root}).Local("a/1.dcm is broken"); got != "a/1.dcm is broken" {
			t.Errorf("%q: got %q", root, got)
		}
	}
}
