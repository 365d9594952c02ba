package audit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

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
