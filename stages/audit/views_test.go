package audit

import (
	"slices"
	"strings"
	"testing"

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
			of := func(condition string) stage.Case { return points[c.Group+"_"+condition+"_"+c.Tags["level"]] }
			left, right, canal := of("left_subarticular_stenosis"), of("right_subarticular_stenosis"), of("spinal_canal_stenosis")
			if m := c.Views[0]; m.Image != right.Image || m.Point != *right.Point || m.Series != right.Series || m.Type != "Axial T2" {
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
	for want, of := range map[string][2]string{
		`data.views.0: no labelled place is named "spinal_canal"`: {"level", "spinal_canal"},
		"data.views: a study has no level":                        {"study", "Axial T2"},
	} {
		if _, err := seenIn(t, of[0], of[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
