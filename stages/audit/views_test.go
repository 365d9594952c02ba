package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/lookalike"
	"vertebra/stages/stage"
)

// seenIn audits the shared data with views.
func seenIn(t *testing.T, sample string, views ...string) (Cases, error) {
	t.Helper()
	cfg := config(sharedFolder(t))
	cfg.Sample, cfg.Label, cfg.Views = sample, all, views
	if sample == "point" {
		cfg.Label = "worst"
	}
	return Run(t.Context(), environment(stage.Discard), cfg)
}

// TestViews: a view is where its labelled place is, or the mean of those on the slice of a
// type that has most.
func TestViews(t *testing.T) {
	t.Parallel()
	points := map[string]stage.Case{}
	for _, c := range sampled(t, "point", "worst").Cases {
		points[c.ID] = c
	}
	for _, sample := range []string{"level", "point"} {
		got, err := seenIn(t, sample, "right_subarticular_stenosis", "Axial T2", "spinal_canal_stenosis")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Cases {
			if c.Tags["series_type"]+c.Tags["instance"] != "" || c.Tags["level"] == "" {
				t.Errorf("%s has the tags %v", c.ID, c.Tags)
			}
			of := func(condition string) stage.Case { return points[c.Group+"_"+condition+"_"+c.Tags["level"]] }
			left, right, canal := of("left_subarticular_stenosis"), of("right_subarticular_stenosis"), of("spinal_canal_stenosis")
			if m := c.Views[0]; m.Image != right.Image || *m.Point != *right.Point || m.Series != right.Series || m.Type != "Axial T2" {
				t.Errorf("%s: got %+v, want the place of %s", c.ID, m, right.ID)
			}
			if m := c.Views[1]; left.Image == right.Image && (m.Image != left.Image || m.Point.X != (left.Point.X+right.Point.X)/2) {
				t.Errorf("%s: got %+v, want the middle between %v and %v", c.ID, m, left.Point, right.Point)
			}
			if m := c.Views[2]; m.Image != canal.Image || !slices.Contains(c.Planes(), m.Type) || m.Type == "Axial T2" {
				t.Errorf("%s: got %+v, want the place of %s", c.ID, m, canal.ID)
			}
		}
		if pictures := got.Pictures().Cases; len(pictures) != 3*len(got.Samples().Cases) || !strings.HasSuffix(pictures[1].ID, " (Axial T2)") ||
			pictures[1].Image != got.Samples().Cases[0].Views[1].Image {
			t.Errorf("%s: got %d pictures, the second %+v", sample, len(pictures), pictures[1])
		}
	}
}

// TestViewsMissing: samples without a view are left out and told; names that nothing has
// are mistakes.
func TestViewsMissing(t *testing.T) {
	t.Parallel()
	whole, err := seenIn(t, "level", "Axial T2")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(sharedFolder(t))
	cfg.Sample, cfg.Label, cfg.Views = "level", all, []string{"Axial T2"}
	study := whole.Cases[0].Group
	for _, side := range []string{"left", "right"} {
		cfg.Drop.Rows = append(cfg.Drop.Rows, study+"_"+side+"_subarticular_stenosis_l1_l2")
	}
	got, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(got.Dropped, func(f Finding) bool { return f.ID == "view_missing" })
	if at < 0 || len(got.Dropped[at].IDs) != 3 || len(got.Cases) != len(whole.Cases)-5 {
		t.Errorf("got %d of %d cases, dropped %+v; want all but a level of three other conditions", len(got.Cases), len(whole.Cases), got.Dropped)
	}
	cfg.Views, cfg.Rules = []string{"Axial T2", "spinal_canal_stenosis"}, Actions{"view_missing": keep}
	blanks, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	of := slices.IndexFunc(blanks.Cases, func(c stage.Case) bool { return blank(c.Views[0]) })
	if len(blanks.Cases) != len(whole.Cases)-2 || of < 0 || blank(blanks.Cases[of].Views[1]) || len(blanks.Pictures().Cases) != 2*len(blanks.Samples().Cases)-1 {
		t.Errorf("got %d of %d cases and %d pictures of %d samples; want a blank view of one", len(blanks.Cases), len(whole.Cases), len(blanks.Pictures().Cases), len(blanks.Samples().Cases))
	}
	cfg.Views = []string{"Axial T2"} // of which the level has none at all
	nothing, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.IndexFunc(nothing.Dropped, func(f Finding) bool { return f.ID == "view_missing" })
	if told < 0 || len(nothing.Dropped[told].IDs) != 3 || !strings.HasSuffix(nothing.Dropped[told].Reason, "has no view at all") || len(nothing.Cases) != len(whole.Cases)-5 {
		t.Errorf("got %d cases, dropped %+v; want to be told of a level with nothing to see", len(nothing.Cases), nothing.Dropped)
	}
	if _, err := seenIn(t, "level", "Axial T2", "spinal_canal_stenosis", "Axial T2"); err == nil || !strings.Contains(err.Error(), `data.views.2: "Axial T2" is named twice`) {
		t.Errorf("got %v", err)
	}
	for want, of := range map[string][2]string{
		`data.views.0: no labelled place is named "spinal_canal"`: {"level", "spinal_canal"},
		"data.views: a series is seen in itself alone":            {"series", "Axial T2"},
		`"spinal_canal_stenosis" is the place of a level`:         {"study", "spinal_canal_stenosis"},
	} {
		if _, err := seenIn(t, of[0], of[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestViewsOfRSNAStudies: a study is seen in the middle of its largest series of each type, and
// answers all its labels.
func TestViewsOfRSNAStudies(t *testing.T) {
	t.Parallel()
	got, err := seenIn(t, "study", "Axial T2", "Sagittal T1")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Targets) != 25 {
		t.Errorf("got the targets %v, want 25", got.Targets)
	}
	for _, c := range got.Samples().Cases {
		for i, kind := range []string{"Axial T2", "Sagittal T1"} {
			m, largest := c.Views[i], 0
			for _, s := range got.Series {
				if s.Study == c.Group && s.Type == kind {
					largest = max(largest, len(s.Files))
				}
			}
			files := got.Series[m.Series].Files
			if got.Series[m.Series].Type != kind || m.Type != kind || len(files) != largest || m.Point != nil || m.Image != files[len(files)/2].Path {
				t.Errorf("%s: got %+v of %d files, want the middle of %d", c.ID, m, len(files), largest)
			}
		}
		if c.Tags["series_type"]+c.Tags["instance"] != "" {
			t.Errorf("%s has the tags %v, which are those of a picture", c.ID, c.Tags)
		}
	}
	if n := len(got.Pictures().Cases); n != 2*len(got.Samples().Cases) {
		t.Errorf("got %d pictures of %d studies", n, len(got.Samples().Cases))
	}
}

// TestViewsRules: what is done about samples without a view, or with the views of another,
// is the experiment's word.
func TestViewsRules(t *testing.T) {
	t.Parallel()
	cfg := config(sharedFolder(t))
	cfg.Sample, cfg.Label, cfg.Views = "point", "worst", []string{"left_subarticular_stenosis", "Axial T2"}
	got, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "views_alike" })
	if at < 0 || len(got.Findings[at].IDs)%5 != 0 || !slices.IsSorted(got.Findings[at].IDs) {
		t.Fatalf("found %+v; want all points of levels with several labels", got.Findings)
	}
	cfg.Rules = Actions{"views_alike": drop}
	fewer, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil || len(fewer.Cases) != len(got.Cases)-len(got.Findings[at].IDs) {
		t.Errorf("got %d of %d cases, %v", len(fewer.Cases), len(got.Cases), err)
	}
	cfg.Sample, cfg.Label = "level", all
	whole, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil || slices.ContainsFunc(whole.Findings, func(f Finding) bool { return f.ID == "views_alike" }) {
		t.Errorf("levels whose labels are all asked: found %+v, %v", whole.Findings, err)
	}
	cfg.Drop.Rows, cfg.Rules = []string{got.Cases[0].Group + "_left_subarticular_stenosis_l1_l2"}, Actions{"view_missing": refuse}
	if _, err = Run(t.Context(), environment(stage.Discard), cfg); err == nil || !strings.Contains(err.Error(), "sample without one of its views: 4 rows") {
		t.Errorf("got %v, want what is missing refused", err)
	}
}

// TestLeaksOfViews: an image is in two splits also where it is only a view.
func TestLeaksOfViews(t *testing.T) {
	t.Parallel()
	seen := func(name string, split stage.Split) stage.Case {
		return stage.Case{ID: name, Group: name, Image: name, Views: []stage.Mark{{Image: "shared.dcm"}}, Split: split}
	}
	cases := Cases{Cases: []stage.Case{seen("a", stage.Train), seen("b", stage.Validation)}}
	if _, err := checkLeaks(cases, Split{By: "study"}, nil); err == nil || !strings.Contains(err.Error(), "leak: image shared.dcm is in two splits") {
		t.Errorf("got %v", err)
	}
}

// TestFingerprintOfViews: it depends on the size of each view's file.
func TestFingerprintOfViews(t *testing.T) {
	t.Parallel()
	cases := Cases{Cases: []stage.Case{{ID: "a", Image: "a", Views: []stage.Mark{{Image: "b"}}}}}
	of := func(size int64) string { return fingerprint("", cases, headers.ByPath{"a": {}, "b": {Size: size}}) }
	if of(1) == of(2) {
		t.Error("another file has the same fingerprint")
	}
}

// TestDuplicatesOfViews: samples are equal where all of their views are, and count once.
func TestDuplicatesOfViews(t *testing.T) {
	t.Parallel()
	v := &view{looks: map[string]lookalike.Look{}}
	add := func(name string, label int, hashes ...byte) {
		c := stage.Case{ID: name, Label: label}
		for i, hash := range hashes {
			path := fmt.Sprint(name, i)
			v.looks[path] = lookalike.Look{Hash: [16]byte{hash}}
			c.Views = append(c.Views, stage.Mark{Image: path})
		}
		c.Image = c.Views[0].Image
		v.Cases.Cases = append(v.Cases.Cases, c)
	}
	add("a", 0, 1, 2)
	add("b", 1, 1, 3) // like a in one of two views
	add("c", 0, 4, 5)
	add("d", 1, 4, 5)
	v.using = v.uses()
	got := conflictingDuplicates(v)
	if len(got) != 2 || got[0].id != "c" || got[1].id != "d" || !strings.Contains(got[0].detail, "in more than 75.00 %") {
		t.Errorf("got %+v, want c and d, of which a net can be right about one", got)
	}
}
