package audit

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestTableOfFolders makes a series of each folder, in the order of its numbers.
func TestTableOfFolders(t *testing.T) {
	t.Parallel()
	dir := alone(t)
	for _, name := range []string{"s1/10", "s1/9", "s1/11", "s2/1", "s3/1"} {
		picture(t, filepath.Join(dir, name+".png"), noise(len(name)))
	}
	write(t, filepath.Join(dir, "t.csv"), "image,label\ns1,a\ns2,b\ns3,a\n")
	cfg := Default
	source := plainTable
	source.File = registry.Path(filepath.Join(dir, "t.csv"))
	cfg.Source, cfg.Split = registry.One[Source]{Name: "table", Part: source}, Split{By: "study", Validation: 0.4}
	cases, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := cases.Cases[0]
	if len(c.Images) != 3 || filepath.Base(c.Images[0]) != "9.png" || filepath.Base(c.Image) != "10.png" || filepath.Base(c.Images[2]) != "11.png" {
		t.Errorf("got %v, middle %s; want 9, 10, 11 and 10", c.Images, c.Image)
	}
}

// TestSeriesWithoutLabels: series whose rows all lack a label are left out like single images;
// a slice without one stays beside those that have one.
func TestSeriesWithoutLabels(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"folders": "image,scan,label\ns1,,a\ns2,,\ns3,,b\ns4,,a\n",
		"columns": "image,scan,label\ns1/1.png,s1,a\ns1/2.png,s1,\ns2/1.png,s2,\ns2/2.png,s2,\ns3/1.png,s3,b\ns4/1.png,s4,a\n",
	} {
		dir := alone(t)
		for i, image := range []string{"s1/1", "s1/2", "s2/1", "s2/2", "s3/1", "s4/1"} {
			picture(t, filepath.Join(dir, image+".png"), noise(i))
		}
		write(t, filepath.Join(dir, "t.csv"), text)
		cfg, source := Default, plainTable
		source.File, source.Series = registry.Path(filepath.Join(dir, "t.csv")), map[string]string{"columns": "scan"}[name]
		cfg.Source, cfg.Split = registry.One[Source]{Name: "table", Part: source}, Split{By: "study", Validation: 0.4}
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var slices []int
		for _, c := range cases.Cases {
			slices = append(slices, len(cases.Series[c.Series].Files))
		}
		if got, want := fmt.Sprint(slices, len(cases.Series)), "[2 1 1] 3"; got != want {
			t.Errorf("%s: got slices of cases and series %s, want %s", name, got, want)
		}
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	dir := alone(t)
	for i, name := range []string{"bad/p1/1.png", "bad/p1/2.png", "good/p2/1.png", "good/3.png", "good/p1/9.png"} {
		picture(t, filepath.Join(dir, name), noise(i))
	}
	write(t, filepath.Join(dir, "good", "notes.txt"), "hello")
	write(t, filepath.Join(dir, "good", ".hidden"), "hello")
	write(t, filepath.Join(dir, "good", "broken.png"), "\x89PNG\r\n\x1a\nno")
	cases, err := Run(t.Context(), environment(stage.Discard), folders(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cases.Classes, []string{"bad", "good"}) || len(cases.Cases) != 5 {
		t.Errorf("got the classes %v and %d cases, want bad, good and 5", cases.Classes, len(cases.Cases))
	}
	groups := map[string]string{}
	for _, c := range cases.Cases {
		groups[c.ID] = c.Group
	}
	if groups["bad/p1/1.png"] != "p1" || groups["good/p1/9.png"] != "p1" || groups["good/3.png"] != "good/3.png" {
		t.Errorf("got the groups %v", groups)
	}
	got := map[string][]string{}
	for _, d := range cases.Dropped {
		got[d.ID] = d.IDs
	}
	if len(got) != 2 || !slices.Equal(got["foreign_file"], []string{"good/notes.txt"}) || !slices.Equal(got["unreadable_image"], []string{"good/broken.png"}) {
		t.Errorf("got %v dropped, want notes.txt as foreign and broken.png as unreadable", got)
	}
	cfg := folders(t, dir)
	cfg.Drop.Rows = []string{"good/3.png"}
	fewer, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(fewer.Dropped, func(f Finding) bool {
		return f.ID == "row_dropped_on_request" && slices.Equal(f.IDs, []string{"good/3.png"})
	}) {
		t.Errorf("what was dropped on request is not told: %+v", fewer.Dropped)
	}
	cfg = folders(t, dir)
	cfg.Source.Part = Folders{Root: registry.Path(dir), Group: "(p[0-9]+)/"}
	if _, err := Run(t.Context(), environment(stage.Discard), cfg); err != nil {
		t.Error(err)
	}
	cfg.Source.Part = Folders{Root: registry.Path(filepath.Join(dir, "good"))}
	if _, err := Run(t.Context(), environment(stage.Discard), cfg); err != nil {
		t.Error(err)
	}
	cfg.Source.Part = Folders{Root: registry.Path(filepath.Join(dir, "bad"))}
	if _, err := Run(t.Context(), environment(stage.Discard), cfg); err == nil || !strings.Contains(err.Error(), "has 1 folders of classes") {
		t.Errorf("got %v for a single class", err)
	}
	for _, bad := range []string{"(", "p[0-9]+"} {
		if (Folders{Root: "x", Group: bad}).Validate() == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}

// TestTurnedAndPaged: what decoders pass over is told, also when headers come from the cache.
func TestTurnedAndPaged(t *testing.T) {
	t.Parallel()
	root := pictures(t, 2)
	for _, name := range []string{"turned.jpg", "upright.jpg", "pages.tif", "turned.tif", "detector.dcm", "nothing.dcm"} {
		from := "../internal/raster/testdata"
		if filepath.Ext(name) == ".dcm" {
			from = "../preprocess/testdata/shown"
		}
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text := "image,label\na.png,no\nb.png,yes\nturned.jpg,no\nupright.jpg,yes\npages.tif,no\nturned.tif,yes\ndetector.dcm,no\nnothing.dcm,yes\n"
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Labels: []string{"label"}}}
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	for range 2 {
		got, err := Run(t.Context(), env, cfg)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		for _, f := range got.Findings {
			found[f.ID] = f.IDs
		}
		if !slices.Equal(found["turned_image"], []string{"turned.jpg", "turned.tif"}) || !slices.Equal(found["several_pages"], []string{"pages.tif"}) ||
			!slices.Equal(found["detector_spacing"], []string{"detector.dcm"}) || !slices.Equal(found["no_pixel_spacing"], []string{"nothing.dcm"}) {
			t.Errorf("got %v", found)
		}
	}
}

// TestLinkedFolders: the folder of a class may be a link to one elsewhere.
func TestLinkedFolders(t *testing.T) {
	t.Parallel()
	root, away := alone(t), alone(t)
	for i := range 4 {
		picture(t, filepath.Join(root, "no", string(rune('a'+i))+".png"), noise(i))
		picture(t, filepath.Join(away, string(rune('a'+i))+".png"), noise(10+i))
	}
	if err := os.Symlink(away, filepath.Join(root, "yes")); err != nil {
		t.Skip(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(root)}}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Classes, []string{"no", "yes"}) || len(got.Cases) != 8 || got.Cases[7].ID != "yes/d.png" || got.Cases[7].Image != filepath.Join(root, "yes", "d.png") {
		t.Errorf("got %v and %+v", got.Classes, got.Cases)
	}
}

// TestSlicesInTheOrderOfTheirNames: the slices of a folder lie as people number them.
func TestSlicesInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	dir := alone(t)
	want := []string{"s1.png", "s2.png", "s10.png"}
	for _, name := range want {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, path := range files.Images(dir) {
		if filepath.Base(path) != want[i] {
			t.Errorf("place %d: got %s, want %s", i, path, want[i])
		}
	}
}

// TestFoldersOfSlices: with samples of series the images of a folder are one sample; a file
// in the folder of the class is one by itself, and one of several frames.
func TestFoldersOfSlices(t *testing.T) {
	t.Parallel()
	dir := alone(t)
	for i, name := range []string{"bad/p1/s1.png", "bad/p1/s2.png", "bad/p1/s10.png", "good/p2/s1.png", "good/p1/s1.png", "good/p1/s2.png", "good/3.png"} {
		picture(t, filepath.Join(dir, name), noise(i))
	}
	write(t, filepath.Join(dir, "good", "p2", "notes.txt"), "hello")
	for _, name := range []string{"bad/many.dcm", "good/p2/many.dcm"} {
		frames, err := os.ReadFile("../internal/dicom/testdata/enhanced-explicit.dcm")
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(frames))
	}
	for sample, want := range map[string]map[string]int{
		"series, dropped": {"bad/p1": 3, "good/p1": 2, "bad/many.dcm": 3, "good/p2/many.dcm": 3},
		"series":          {"bad/p1": 3, "good/p2": 1, "good/p1": 2, "good/3.png": 1, "bad/many.dcm": 3, "good/p2/many.dcm": 3},
		"study":           {"p1": 5, "p2": 4, "good/3.png": 1, "bad/many.dcm": 3},
	} {
		cfg := folders(t, dir)
		var dropped bool
		if cfg.Sample, _, dropped = strings.Cut(sample, ", "); dropped {
			cfg.Drop.Rows = []string{"good/p2", "good/3.png"}
		}
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, c := range cases.Cases {
			got[c.ID] = len(c.Images)
			if seen := cases.Series[c.Series].Files; cfg.Sample == "series" && len(seen) != len(c.Images) || len(seen) == 0 {
				t.Errorf("%s is seen in %d slices", c.ID, len(seen))
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", sample, got, want)
		}
	}
}

// TestBrokenMiddleSlice: of a folder whose middle slice is broken the others are there all
// the same, and it is left out where all are.
func TestBrokenMiddleSlice(t *testing.T) {
	t.Parallel()
	dir := alone(t)
	text := "image,label\n"
	for i, name := range []string{"a", "b", "c", "d"} {
		for s := range 5 {
			path := filepath.Join(dir, name, fmt.Sprintf("%d.png", s))
			if picture(t, path, noise(10*i+s)); name == "b" && (s == 1 || s == 2) || name == "d" {
				write(t, path, "")
			}
		}
		text += name + "," + string(rune('x'+i%2)) + "\n"
	}
	table := filepath.Join(dir, "cases.csv")
	write(t, table, text)
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(table), Image: "image", Labels: []string{"label"}}}
	cfg.Split = Split{By: "row", Validation: 0.34}
	cases, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range cases.Cases {
		got[c.ID] = fmt.Sprint(len(c.Images), " ", filepath.Base(c.Image))
	}
	if want := map[string]string{"a": "5 2.png", "b": "3 3.png", "c": "5 2.png"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestLinksInClasses: images of a class may lie behind a link.
func TestLinksInClasses(t *testing.T) {
	t.Parallel()
	root, away := alone(t), pictures(t, 4)
	for _, class := range []string{"no", "yes"} {
		if err := os.MkdirAll(filepath.Join(root, class), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(away, filepath.Join(root, class, "patient")); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(root)}}
	cfg.Split = Split{By: "row"}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil || len(got.Cases) != 8 || got.Dropped != nil {
		t.Errorf("%d cases, dropped %v, %v, want 8 and none", len(got.Cases), got.Dropped, err)
	}
	unseen, err := Unseen{Paths: []string{root}, Asked: stage.Questions{Classes: got.Classes}}.Read(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1})
	if err != nil || len(unseen.Cases) != 4 { // the same folder behind both links is entered once
		t.Errorf("%d images to be predicted, %v, want 4", len(unseen.Cases), err)
	}
}

// TestClassesOfOtherEncodings: the folder of a class whose name no file or result could hold is told.
func TestClassesOfOtherEncodings(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"a", "k\xe4se"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := (Folders{Root: registry.Path(root)}).ClassFolders(); err == nil || !strings.Contains(err.Error(), `the name of the folder "k\xe4se" is no UTF-8 text`) {
		t.Errorf("got %q, %v", got, err)
	}
}
