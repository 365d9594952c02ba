package audit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// testPart is a folder whose test part is the synthetic data set without labels.
func testPart(t *testing.T, change func(types string) string) RSNA {
	t.Helper()
	root := alone(t)
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 2, Size: 64}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "train_images"), filepath.Join(root, "test_images")); err != nil {
		t.Fatal(err)
	}
	types, err := os.ReadFile(filepath.Join(root, "train_series_descriptions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "test_series_descriptions.csv"), change(string(types)))
	return RSNA{Root: registry.Path(root), Part: "test"}
}

// unseenPart reads the part as a net of these samples is asked about it.
func unseenPart(t *testing.T, r RSNA, sample string, views ...string) (Cases, error) {
	t.Helper()
	data := Default
	data.Source, data.Sample, data.Label, data.Views = registry.One[Source]{Name: "rsna", Part: r}, sample, all, views
	asked := stage.Questions{Classes: slices.Clone(rsnaClasses)}
	for _, condition := range rsnaConditions {
		for _, level := range rsnaLevels {
			asked.Targets = append(asked.Targets, condition+"_"+level)
		}
	}
	if sample == "level" {
		asked.Targets = slices.Clone(rsnaConditions)
	}
	slices.Sort(asked.Targets)
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	return Unseen{Data: &data, Sample: sample, Views: views, Asked: asked}.Read(t.Context(), env)
}

// TestUnlabelledPart: every condition and level of a study is asked, called as its row, and
// seen on the series that shows it; nothing has a label.
func TestUnlabelledPart(t *testing.T) {
	t.Parallel()
	r := testPart(t, func(types string) string { return types })
	got, err := unseenPart(t, r, "series")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cases) != 50 || len(got.Targets) != 25 || len(got.Dropped) != 0 {
		t.Fatalf("got %d cases of %d targets, dropped %+v; want 50 of 25", len(got.Cases), len(got.Targets), got.Dropped)
	}
	for _, c := range got.Cases {
		name := c.Group + "_" + c.Tags["condition"] + "_" + c.Tags["level"]
		if c.ID != name || got.Targets[c.Target] != strings.TrimPrefix(name, c.Group+"_") || c.Label != unlabelled || c.Split != stage.Test || c.Point != nil {
			t.Errorf("got %+v, want an unlabelled case of %s", c, name)
		}
		if kind := got.Series[c.Series].Type; kind != typeOf(c.Tags["condition"]) || c.Tags["series_type"] != kind {
			t.Errorf("%s is seen on %s", c.ID, kind)
		}
	}
}

// TestUnlabelledPartLacks: what shows a condition may be missing. Then its rows are left out
// and told; where a sample has views, the others show it.
func TestUnlabelledPartLacks(t *testing.T) {
	t.Parallel()
	r := testPart(t, func(types string) string {
		lines := strings.SplitAfter(types, "\n")
		at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "Axial") })
		return strings.Join(slices.Delete(lines, at, at+1), "")
	})
	got, err := unseenPart(t, r, "study")
	if err != nil || len(got.Cases) != 40 || len(got.Dropped) != 1 || got.Dropped[0].ID != "row_without_series" || len(got.Dropped[0].IDs) != 10 {
		t.Errorf("got %d cases, dropped %+v, %v; want ten rows to lack an axial series", len(got.Cases), got.Dropped, err)
	}
	got, err = unseenPart(t, r, "study", "Sagittal T1", "Sagittal T2/STIR")
	if err != nil || len(got.Cases) != 50 || len(got.Dropped) != 0 {
		t.Errorf("got %d cases, dropped %+v, %v; want all", len(got.Cases), got.Dropped, err)
	}
	got, err = unseenPart(t, r, "study", "Sagittal T1", "Axial T2")
	if err != nil || len(got.Cases) != 25 || len(got.Dropped) != 1 || got.Dropped[0].ID != ViewMissing {
		t.Errorf("got %d cases, dropped %+v, %v; want a study without its view left out", len(got.Cases), got.Dropped, err)
	}
	if err := os.Rename(filepath.Join(string(r.Root), "test_images"), filepath.Join(string(r.Root), "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if _, err := unseenPart(t, r, "study"); err == nil || !strings.Contains(err.Error(), "test_images has no image of the series") {
		t.Errorf("got %v, want the folder named", err)
	}
	if _, err := unseenPart(t, r, "level"); err == nil || !strings.Contains(err.Error(), "the test part tells no points") {
		t.Errorf("got %v, want points asked for", err)
	}
}

// TestUnlabelledPoints: points of another program have a file of their own, and rows without
// one are told.
func TestUnlabelledPoints(t *testing.T) {
	t.Parallel()
	r := testPart(t, func(types string) string { return types })
	points, err := os.ReadFile(filepath.Join(string(r.Root), "train_label_coordinates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(points), "\n")
	r.Coordinates = registry.Path(filepath.Join(string(r.Root), "points.csv"))
	write(t, string(r.Coordinates), strings.Join(slices.Delete(lines, 1, 4), "")+"77,1,1,Spinal Canal Stenosis,L1/L2,3,4\n")
	got, err := unseenPart(t, r, "level")
	if err != nil || len(got.Cases) != 47 || len(got.Dropped) != 1 || got.Dropped[0].ID != "row_without_point" || len(got.Dropped[0].IDs) != 3 {
		t.Fatalf("got %d cases, dropped %+v, %v; want 47, and three without a point", len(got.Cases), got.Dropped, err)
	}
	if c := got.Cases[0]; c.Point == nil || c.Label != unlabelled {
		t.Errorf("got %+v, want a point and no label", c)
	}
	r.Coordinates = registry.Path(filepath.Join(string(r.Root), "nothing.csv"))
	if _, err := unseenPart(t, r, "level"); err == nil || !strings.Contains(err.Error(), "nothing.csv") {
		t.Errorf("got %v", err)
	}
}

// TestUnpointedOnReadable: where points are looked for in whole series, a broken slice in the middle
// of one leaves out no case.
func TestUnpointedOnReadable(t *testing.T) {
	t.Parallel()
	r := testPart(t, func(types string) string { return types })
	data := Default
	data.Source = registry.One[Source]{Name: "rsna", Part: r}
	data = data.Unpointed()
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	read := func() Cases {
		got, err := Unseen{Data: &data, Sample: data.Sample, Asked: stage.Questions{Classes: slices.Clone(rsnaClasses)}}.Read(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	whole := read()
	broken := whole.Cases[0].Image
	write(t, broken, "no DICOM")
	got := read()
	if len(whole.Cases) != 50 || len(got.Cases) != 50 || len(got.Dropped) != 0 {
		t.Fatalf("got %d of %d cases, dropped %+v", len(got.Cases), len(whole.Cases), got.Dropped)
	}
	if c := got.Cases[0]; c.Image == broken || filepath.Dir(c.Image) != filepath.Dir(broken) {
		t.Errorf("case %s is on %s", c.ID, c.Image)
	}
}

// TestMendedPoints: of the labelled part, coordinates takes another file, too.
func TestMendedPoints(t *testing.T) {
	t.Parallel()
	cfg := config(sharedFolder(t))
	r := cfg.Source.Part.(RSNA)
	points, err := os.ReadFile(filepath.Join(string(r.Root), "train_label_coordinates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	r.Coordinates = registry.Path(filepath.Join(t.TempDir(), "mended.csv"))
	lines := strings.SplitAfter(string(points), "\n")
	write(t, string(r.Coordinates), lines[0]+lines[1])
	request, err := newRequest(Wanted{}, Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.Read(t.Context(), request)
	if err != nil || len(found.Cases) != 1 {
		t.Errorf("got %d cases, %v; want that of the one mended point", len(found.Cases), err)
	}
}
