package audit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestPlaces: rows find their images by patterns, and without endings.
func TestPlaces(t *testing.T) {
	t.Parallel()
	root := filepath.Join(alone(t), "set [1]")
	for i, name := range []string{"part_1/i1.png", "part_2/i2.png", "part_2/i2.txt.png", "flat/a.JPG.png", "flat/b.png", "flat/both.png", "flat/1.2.3", "flat/1.2.4.5",
		"p10/p1001/s5/x.png", "p11/p1102/s6/y.png", "study1/one.png", "study1/two.png", "vol/v*1/k.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{"flat/both.JPG": "\xff\xd8", "flat/shout.JPEG": "\xff\xd8", "sub-01/anat/sub-01_T1w.nii.gz": "x", "sub-01/anat/sub-01_T1w.json": "{}"})
	for _, c := range []struct {
		image string
		cells string // column=value …
		want  string // separated by bars, below root
	}{
		{"part_*/{id}.png", "id=i1", "part_1/i1.png"},
		{"part_*/{id}.png", "id=i2", "part_2/i2.png"},
		{"part_*/{id}", "id=i2", "part_2/i2.png"},
		{"part_*/{id}.png", "id=i3", "part_1/i3.png"},
		{"none_*/{id}.png", "id=i3", "none_*/i3.png"},
		{"p*/p{subject}/s{study}/{id}.png", "subject=1001 study=5 id=x", "p10/p1001/s5/x.png"},
		{"p*/p{subject}/s{study}/{id}.png", "subject=1102 study=6 id=y", "p11/p1102/s6/y.png"},
		{"{id}/anat/{id}_T1w.nii.gz", "id=sub-01", "sub-01/anat/sub-01_T1w.nii.gz"},
		{"{id}/*/*_T1w.nii.gz", "id=sub-01", "sub-01/anat/sub-01_T1w.nii.gz"},
		{"{study}/*.png", "study=study1/", "study1/one.png|study1/two.png"},
		{"{study}/*.png", `study=.\study1`, "study1/one.png|study1/two.png"},
		{"vol/{id}/*.png", "id=v*1", "vol/v*1/k.png"},
		{"vol/{id}/*.png", "id=v*", "vol/v*/*.png"},
		{"id", "id=flat/b", "flat/b.png"},
		{"id", "id=flat/b.png", "flat/b.png"},
		{"id", "id=flat/b.dcm", "flat/b.png"},
		{"id", "id=flat/shout.jpg", "flat/shout.JPEG"},
		{"id", "id=flat/both", "flat/both"},
		{"id", "id=flat/1.2.3", "flat/1.2.3"},
		{"id", "id=flat/1.2.4", "flat/1.2.4"},
		{"id", "id=study1", "study1"},
	} {
		text := map[string]int{}
		var cells []string
		for _, pair := range strings.Fields(c.cells) {
			name, value, _ := strings.Cut(pair, "=")
			text[name], cells = len(cells), append(cells, value)
		}
		var got []string
		for _, path := range newPlaces(root, c.image).of(c.image, row{places: text, cells: cells}) {
			below, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, below)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s of %s: got %q, want %s", c.image, c.cells, got, c.want)
		}
	}
}

// TestPatternCases: cases of a pattern are called by its column; of several files each is one,
// and they stay together.
func TestPatternCases(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"s1/one.png", "s1/two.png", "s2/one.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{"x.csv": "study,label\ns1/,0\ns2/,1\n,1\n"})
	table := Table{File: registry.Path(filepath.Join(root, "x.csv")), Image: "{study}/*.png", Labels: []string{"label"}}
	cases, told, err := foundIn(t, table)
	if want := []string{"s1/one.png 0", "s1/two.png 0", "s2/ 1"}; err != nil || !slices.Equal(cases, want) || !slices.Equal(told, []string{"missing_image line 4"}) {
		t.Errorf("got %q, %q, %v; want %q", cases, told, err, want)
	}
	found, err := table.Read(t.Context(), mustRequest(t, Wanted{}, Wanted{}))
	if err != nil || found.Cases[0].Group != found.Cases[1].Group || found.Cases[0].Group == found.Cases[2].Group {
		t.Errorf("got %+v, %v; want the images of a study together", found.Cases, err)
	}
	table.Image = "{studies}/*.png"
	if _, _, err := foundIn(t, table); err == nil || !strings.Contains(registryText(err), `image: x.csv has no column "studies"; did you mean study?`) {
		t.Errorf("got %v", err)
	}
	writeFiles(t, root, map[string]string{"y.csv": "image,label\ns1/one.jpg,0\ns2/one.jpg,1\n"})
	cases, told, err = foundIn(t, Table{File: registry.Path(filepath.Join(root, "y.csv")), Image: "image", Labels: []string{"label"}})
	if err != nil || len(cases) != 2 || !slices.Equal(told, []string{"other_ending image"}) {
		t.Errorf("got %q, %q, %v", cases, told, err)
	}
}

// TestElsewhere: where no image is where a table says, and they lie nearby, the message says
// where; a table without a header is told to name its columns.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"images/p1/a.png", "images/p1/b.png", "images/p2/c.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{"x.csv": "id,label\na,0\nb,1\nc,1\n", "nowhere.csv": "id,label\nx,0\ny,1\n", "bare.csv": "images/p1/a.png,0\nimages/p1/b.png,1\n"})
	for file, want := range map[string]string{
		"x.csv":       `data.source.table.image: no image is there (missing image: 3)` + "\n" + `  hint: images that are called so lie elsewhere: root is images, seen from the table's folder, and image: "p*/{id}.png"`,
		"nowhere.csv": "data.source: no case is left (missing image: 2)",
		"bare.csv":    `data.source.table.image: bare.csv has no column "id"; its first line seems to be no header: name the columns beside file`,
	} {
		cfg := Default
		cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, file)), Image: "id", Labels: []string{"label"}}}
		if _, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg); err == nil || !strings.HasPrefix(registryText(err), want) {
			t.Errorf("%s: got %s\nwant %s", file, registryText(err), want)
		}
	}
}

// FuzzPlaces: no pattern and no cell breaks the search, or leads out of the folder by itself.
func FuzzPlaces(f *testing.F) {
	root := f.TempDir()
	picture(f, filepath.Join(root, "part_1/a.png"), noise(1))
	for _, pattern := range []string{"part_*/{id}.png", "{id}", "id", "[{id}", "{id}/*[", `\{id}`, "{id}{id}*", "*/{id}"} {
		f.Add(pattern, "a")
	}
	f.Fuzz(func(t *testing.T, pattern, cell string) {
		if filepath.IsAbs(pattern) || strings.Contains(pattern+cell, "..") {
			t.Skip("other folders may be large")
		}
		r := row{places: map[string]int{"id": 0}, cells: []string{cell}}
		p := newPlaces(root, pattern)
		if p.name(pattern, r) == "" {
			return
		}
		if found := p.of(pattern, r); len(found) == 0 || found[0] == "" {
			t.Errorf("%q of %q: got %q", pattern, cell, found)
		}
	})
}
