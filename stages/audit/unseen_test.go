package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// TestUnseen: files, series and studies become samples as they do with labels, and
// a broken file is left out by name.
func TestUnseen(t *testing.T) {
	t.Parallel()
	root := alone(t)
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 2, Size: 64}); err != nil {
		t.Fatal(err)
	}
	images := filepath.Join(root, "train_images")
	studies, err := filepath.Glob(filepath.Join(images, "*"))
	if err != nil {
		t.Fatal(err)
	}
	series, _ := filepath.Glob(filepath.Join(images, "*", "*"))
	files, _ := filepath.Glob(filepath.Join(images, "*", "*", "*.dcm"))
	if err := os.WriteFile(filepath.Join(images, "broken.dcm"), []byte("DICM"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(images, link); err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	for _, test := range []struct {
		unseen Unseen
		cases  int
		images int // of all cases; 0 where a case is its image
	}{
		{Unseen{Paths: []string{images}, Sample: "point"}, len(files), 0},
		{Unseen{Paths: []string{images}, Sample: "point", FolderIsSeries: true}, len(files), 0},
		{Unseen{Paths: []string{link}, Sample: "point"}, len(files), 0},
		{Unseen{Paths: []string{files[0], images, files[0]}, Sample: "point"}, len(files), 0},
		{Unseen{Paths: series, Sample: "series"}, len(series), len(files)},
		{Unseen{Paths: append([]string{files[0], series[0]}, series...), Sample: "series"}, len(series), len(files)},
		{Unseen{Paths: studies, Sample: "study"}, len(studies), len(files)},
	} {
		cases, err := test.unseen.Read(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range cases.Cases {
			n += len(c.Images)
			if c.Split != stage.Test || c.Label != -1 || test.unseen.FolderIsSeries && len(cases.Series[c.Series].Files) < 2 {
				t.Fatalf("%+v: got case %+v", test.unseen, c)
			}
		}
		if len(cases.Cases) != test.cases || n != test.images {
			t.Errorf("%s: got %d cases of %d images, want %d of %d", test.unseen.Sample, len(cases.Cases), n, test.cases, test.images)
		}
		if whole := test.unseen.Paths[0] == images; whole && (len(cases.Dropped) != 1 || !strings.HasSuffix(cases.Dropped[0].IDs[0], "broken.dcm")) {
			t.Errorf("left out: %+v", cases.Dropped)
		}
	}
}

func TestNothingUnseen(t *testing.T) {
	t.Parallel()
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	for paths, want := range map[string]string{"nowhere": "no such file", t.TempDir(): "there is no image in"} {
		if _, err := (Unseen{Paths: []string{paths}, Sample: "point"}).Read(t.Context(), env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", paths, err, want)
		}
	}
}

// TestUnseenFilesOfFrames: each file of several frames is a series, and not a slice of its
// folder's, also where single slices lie beside it.
func TestUnseenFilesOfFrames(t *testing.T) {
	t.Parallel()
	dir, inputs := t.TempDir(), "../internal/dicom/testdata/"
	for name, of := range map[string]string{"a.dcm": "enhanced-explicit.dcm", "b.dcm": "enhanced-implicit.dcm", "c.dcm": "signed16.dcm", "d.dcm": "unsigned12.dcm"} {
		content, err := os.ReadFile(inputs + of)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	table := filepath.Join(t.TempDir(), "new.csv")
	if err := os.WriteFile(table, []byte("image\n"+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := Unseen{Table: Table{File: registry.Path(table), Image: "image"}, Sample: "point", Asked: stage.Questions{Classes: []string{"mild", "severe"}}}.Read(t.Context(), env)
	if err != nil || len(folder.Cases) != 1 || len(folder.Cases[0].Images) != 8 || len(folder.Series[folder.Cases[0].Series].Files) != 8 {
		t.Errorf("a folder of a table: got %+v in %+v, %v", folder.Cases, folder.Series, err)
	}
	frame := filepath.Join(dir, "a.dcm#2")
	one, err := Unseen{Paths: []string{frame}, Sample: "point", Asked: stage.Questions{Classes: []string{"mild", "severe"}}}.Read(t.Context(), env)
	if err != nil || len(one.Cases) != 1 || one.Cases[0].Image != frame || len(one.Series[one.Cases[0].Series].Files) != 3 {
		t.Errorf("a frame: got %+v in %+v, %v", one.Cases, one.Series, err)
	}
	cases, err := Unseen{Paths: []string{dir}, Sample: "series", Asked: stage.Questions{Classes: []string{"mild", "severe"}}}.Read(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{dir: 2, filepath.Join(dir, "a.dcm"): 3, filepath.Join(dir, "b.dcm"): 3}
	if len(cases.Cases) != len(want) {
		t.Errorf("got %d cases, want %d", len(cases.Cases), len(want))
	}
	for _, c := range cases.Cases {
		if len(c.Images) != want[c.ID] || len(cases.Series[c.Series].Files) != want[c.ID] {
			t.Errorf("%s: got %d slices in a series of %d, want %d", c.ID, len(c.Images), len(cases.Series[c.Series].Files), want[c.ID])
		}
	}
}

// TestWholeSeries: folders of slices are told from files of several frames, and from points.
func TestWholeSeries(t *testing.T) {
	t.Parallel()
	folder := []string{"a/1.png", "a/2.png"}
	c := Cases{Cases: []stage.Case{
		{Image: "a/2.png", Images: folder}, {Image: "a/2.png", Images: folder},
		{Image: "a/1.png", Images: folder, Point: &stage.Point{}},
		{Image: "b.dcm#2", Images: []string{"b.dcm#1", "b.dcm#2", "b.dcm#3"}}, {Image: "c.png"},
	}}
	if got := c.wholeSeries(); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
}

// TestUnseenTables: other tables of a run's columns are read as its own was, and their images
// found where they lie.
func TestUnseenTables(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"train/a.png", "test/b.png", "test/c.png", "m/patient1/s1/x.png", "m/patient1/s1/y.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{
		"test.csv": "id\nb\nc\n", "train.csv": "id\na\n", "none.csv": "id\nz\n",
		"m/bare.csv": "m/patient1/s1/,1\n", "m/headed.csv": "study,label\nm/patient1/s1/,1\n",
	})
	mura := Table{Image: "{study}/*.png", Columns: []string{"study", "label"}, Extract: map[string]Extract{"patient": {From: "study", Match: "patient[0-9]+"}, "other": {From: "nothing", Match: "x"}}, Group: "patient", Root: registry.Path(root)}
	plain := Table{Image: "id", Root: registry.Path(filepath.Join(root, "train"))}
	for file, c := range map[string]struct {
		Table
		want string
	}{
		"test.csv":     {plain, "b test/b.png b, c test/c.png c"},
		"train.csv":    {plain, "a train/a.png a"},
		"m/bare.csv":   {mura, "m/patient1/s1/x.png m/patient1/s1/x.png patient1, m/patient1/s1/y.png m/patient1/s1/y.png patient1"},
		"m/headed.csv": {mura, "m/patient1/s1/x.png m/patient1/s1/x.png patient1, m/patient1/s1/y.png m/patient1/s1/y.png patient1"},
	} {
		u, err := NewUnseen([]string{filepath.Join(root, file)}, c.Table)
		if err != nil {
			t.Fatal(err)
		}
		got, err := u.Read(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1})
		var said []string
		for _, one := range got.Cases {
			path, _ := filepath.Rel(root, one.Image)
			said = append(said, one.ID+" "+path+" "+one.Group)
		}
		if text := strings.Join(said, ", "); err != nil || text != c.want {
			t.Errorf("%s: got %s, %v; want %s", file, text, err, c.want)
		}
	}
	if u, err := NewUnseen([]string{filepath.Join(root, "none.csv")}, plain); err != nil || u.Table.Root != "" {
		t.Errorf("got %+v, %v; want the table's own folder where nothing is found", u.Table, err)
	}
}

// TestUnseenNamesakes: images of a table are those that lie beside it, not those of the run that
// are called so; where only those are there they are taken, and others that are called so told.
func TestUnseenNamesakes(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"a/images/1.png", "b/images/1.png", "c/pictures/1.png", "a/others/1.png", "a/images/2.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{"a/cases.csv": "id\n1\n", "a/test.csv": "id\n1\n", "b/cases.csv": "id\n1\n", "c/cases.csv": "id\n1\n", "d/cases.csv": "id\n1\n", "c/both.csv": "id\n1\n2\n"})
	own := Table{File: registry.Path(filepath.Join(root, "a/cases.csv")), Root: registry.Path(filepath.Join(root, "a/images")), Image: "id"}
	for file, want := range map[string]string{
		"a/cases.csv": "a/images", "a/test.csv": "a/images", "b/cases.csv": "b/images",
		"c/cases.csv": "c/pictures", "d/cases.csv": "a/images",
		"c/both.csv": "a/images", // most of its images are there
	} {
		u, err := NewUnseen([]string{filepath.Join(root, file)}, own)
		if err != nil {
			t.Fatal(err)
		}
		said := &keeper{}
		got, err := u.Read(t.Context(), stage.Env{Recorder: said, Cache: t.TempDir(), Workers: 1})
		if err != nil || filepath.Dir(got.Cases[0].Image) != filepath.Join(root, want) {
			t.Errorf("%s: got %+v, %v; want an image of %s", file, got.Cases, err, want)
		}
		if told := strings.Contains(fmt.Sprint(said.records), "a/others"); told != (file == "a/test.csv") {
			t.Errorf("%s: told %v", file, said.records)
		}
	}
}

// TestUnseenWords: cells of new rows are read as those that the net was trained with, where
// they occur; labels count nothing.
func TestUnseenWords(t *testing.T) {
	t.Parallel()
	root := alone(t)
	picture(t, filepath.Join(root, "a.png"), noise(1))
	picture(t, filepath.Join(root, "b.png"), noise(2))
	writeFiles(t, root, map[string]string{"new.csv": "image,sex,age,label,view\na.png,1,71,unclear,PA\nb.png,2,3,none,lateral\n"})
	own := Table{Image: "image", Tags: []string{"sex", "age", "weight"}, Replace: map[string]map[string]string{"sex": {"1": "male", "2": "female"}, "smoker": {"0": "no"}},
		Cut: map[string][]float64{"age": {40, 70}, "weight": {80}, "label": {1}}}
	read := func(own Table) (Cases, error) {
		u, err := NewUnseen([]string{filepath.Join(root, "new.csv")}, own)
		if err != nil {
			t.Fatal(err)
		}
		return u.Read(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1})
	}
	for want, only := range map[string]map[string][]string{
		"a.png b.png": {"view": {"LL"}, "device": {"x"}}, // none of these, and no such column
		"a.png":       {"view": {"PA", "AP"}},
	} {
		got, err := read(Table{Image: "image", Only: only})
		var ids []string
		for _, c := range got.Cases {
			ids = append(ids, c.ID)
		}
		if text := strings.Join(ids, " "); err != nil || text != want {
			t.Errorf("only %v: got %s, %v; want %s", only, text, err, want)
		}
		if left := len(got.Dropped) == 1 && got.Dropped[0].ID == "row_not_wanted"; left != (want == "a.png") {
			t.Errorf("only %v: told %+v", only, got.Dropped)
		}
	}
	got, err := read(own)
	if err != nil || len(got.Cases) != 2 || got.Cases[0].Tags["sex"] != "male" || got.Cases[0].Tags["age"] != ">=70" {
		t.Errorf("got %+v, %v", got.Cases, err)
	}
}
