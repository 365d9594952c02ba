package audit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func sampled(t *testing.T, sample, label string) Cases {
	t.Helper()
	cfg := config(sharedFolder(t))
	cfg.Sample, cfg.Label = sample, label
	cases, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestUnits makes samples of all sorts out of seven whole studies, and holds
// their labels and images against those of the points.
func TestUnits(t *testing.T) {
	t.Parallel()
	points := sampled(t, "point", "worst")
	for sample, want := range map[string]struct{ cases, images int }{"level": {35, 9}, "series": {21, 0}, "study": {7, 0}} {
		got := sampled(t, sample, "worst")
		if len(got.Cases) != want.cases {
			t.Errorf("%s: got %d cases, want %d", sample, len(got.Cases), want.cases)
		}
		for _, c := range got.Cases {
			worst, files := 0, map[string]bool{}
			for _, p := range points.Cases {
				if units[sample](p) == c.ID {
					worst = max(worst, p.Label)
					for _, f := range points.Series[p.Series].Files {
						files[f.Path] = true
					}
				}
			}
			if c.Label != worst {
				t.Errorf("%s: got the label %d, want %d", c.ID, c.Label, worst)
			}
			if !slices.Contains(c.Images, c.Image) || c.Split == "" {
				t.Errorf("%s: the image %s is none of %d, or there is no split", c.ID, c.Image, len(c.Images))
			}
			if sample == "study" && len(c.Images) != len(files) || len(c.Images) == 0 || len(c.Images) > len(files) {
				t.Errorf("%s: got %d images, the series have %d", c.ID, len(c.Images), len(files))
			}
			if shown := points.Series[c.Series]; !slices.ContainsFunc(shown.Files, func(f File) bool { return f.Path == c.Image }) ||
				sample == "study" && slices.ContainsFunc(c.Images, func(path string) bool { return len(seriesWith(points, path).Files) > len(shown.Files) }) {
				t.Errorf("%s: its image %s is not of series %q, or that has not the most slices", c.ID, c.Image, c.Series)
			}
			if (c.Point != nil) != (sample == "level") {
				t.Errorf("%s: got the point %v", c.ID, c.Point)
			}
		}
	}
}

// seriesWith finds the series of a file.
func seriesWith(cases Cases, path string) Series {
	for _, s := range cases.Series {
		if slices.ContainsFunc(s.Files, func(f File) bool { return f.Path == path }) {
			return s
		}
	}
	return Series{}
}

// TestLevelsPoint takes the mean of the two sides' points, where most lie.
func TestLevelsPoint(t *testing.T) {
	t.Parallel()
	cfg := config(sharedFolder(t))
	source := cfg.Source.Part.(RSNA)
	source.Conditions = []string{"left_subarticular_stenosis", "right_subarticular_stenosis"}
	cfg.Source.Part, cfg.Sample = source, "level"
	levels, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Sample = "point"
	points, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]stage.Case{}
	for _, p := range points.Cases {
		byID[p.ID] = p
	}
	for _, c := range levels.Cases {
		study, level, _ := strings.Cut(c.ID, "_")
		left, right := byID[study+"_left_subarticular_stenosis_"+level], byID[study+"_right_subarticular_stenosis_"+level]
		if left.Image != right.Image {
			continue
		}
		if want := (stage.Point{X: (left.Point.X + right.Point.X) / 2, Y: (left.Point.Y + right.Point.Y) / 2}); *c.Point != want || c.Image != left.Image {
			t.Errorf("%s: got %v, want %v", c.ID, *c.Point, want)
		}
		if len(c.Marks) != 2 || c.Marks[0].Name != "left_subarticular_stenosis" || *c.Marks[1].Point != *right.Point || c.Marks[0].Image != left.Image {
			t.Errorf("%s: got the marks %+v", c.ID, c.Marks)
		}
		if c.Tags["condition"] != "" || c.Tags["level"] != level {
			t.Errorf("%s: got the tags %v, want those that both sides have", c.ID, c.Tags)
		}
	}
}

// TestEachLabel keeps a case for each label, on the images of the whole.
func TestEachLabel(t *testing.T) {
	t.Parallel()
	points, each := sampled(t, "point", "worst"), sampled(t, "series", "each")
	if len(each.Cases) != len(points.Cases) {
		t.Fatalf("got %d cases, want %d", len(each.Cases), len(points.Cases))
	}
	for i, c := range each.Cases {
		p := points.Cases[i]
		if c.ID != p.ID || c.Label != p.Label || c.Series != p.Series || len(c.Images) != len(points.Series[p.Series].Files) || c.Tags["condition"] != p.Tags["condition"] {
			t.Errorf("got %s, label %d, %d images; want those of %s", c.ID, c.Label, len(c.Images), p.ID)
		}
	}
}

func TestChooseLabel(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for _, label := range []int{0, 2, 0, 1, 1} {
		cases = append(cases, stage.Case{Label: label})
	}
	if worst, commonest := chooseLabel("worst", labelsOf(cases)), chooseLabel("commonest", labelsOf(cases)); worst != 2 || commonest != 1 {
		t.Errorf("got %d and %d, want 2, and 1: of two equally common ones the worse", worst, commonest)
	}
}

// TestUnitsNeedTags says what a source cannot do.
func TestUnitsNeedTags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, name := range []string{"a/1.png", "a/2.png", "b/3.png", "b/4.png"} {
		picture(t, filepath.Join(dir, name), noise(i))
	}
	for _, sample := range []string{"level", "series", "study"} {
		cfg := folders(t, dir)
		cfg.Sample = sample
		if _, err := Run(t.Context(), environment(stage.Discard), cfg); err == nil || !strings.Contains(err.Error(), "data.sample: ") {
			t.Errorf("%s: got %v, want an error that names the setting", sample, err)
		}
	}
}
