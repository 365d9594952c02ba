package audit

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// exams is a table with a row for each image of an exam, of the letters of a folder of pictures.
const exams = "exam,patient,side,position,image,label\n" +
	"e1,p1,L,CC,a.png,0\ne1,p1,L,MLO,b.png,1\ne1,p1,R,CC,c.png,0\n" +
	"e2,p1,L,CC,d.png,0\ne2,p1,R,CC,e.png,0\ne2,p1,R,CC,f.png,0\n" +
	"e3,p2,,CC,g.png,1\ne3,p2,L,CC,h.png,0\n"

func examined(t *testing.T, change func(*Config, *Table)) (Cases, error) {
	t.Helper()
	root := pictures(t, 8)
	writeFiles(t, root, map[string]string{"x.csv": exams})
	table := Table{File: registry.Path(filepath.Join(root, "x.csv")), Image: "image", Labels: []string{"label"}, Group: "exam", View: "{side}-{position}", Tags: []string{"side", "patient"}}
	cfg := Default
	cfg.Sample, cfg.Views, cfg.Rules, cfg.Split = "study", []string{"L-CC", "R-CC", "L-MLO"}, Actions{"view_missing": keep}, Split{By: "study"}
	change(&cfg, &table)
	if err := table.Validate(); err != nil {
		return Cases{}, err
	}
	cfg.Source = registry.One[Source]{Name: "table", Part: table}
	return Run(t.Context(), environment(stage.Discard), cfg)
}

// TestViewsOfStudies: images of a group that have rows of their own are views of one sample, by
// what a table says that they show.
func TestViewsOfStudies(t *testing.T) {
	t.Parallel()
	said := func(c Cases) (out string) {
		for _, one := range c.Cases {
			out += fmt.Sprintf("%s %d %s:", one.ID, one.Label, one.Tags["target"])
			for _, m := range one.Views {
				out += fmt.Sprintf(" %.1s", filepath.Base(m.Image))
			}
			out += "\n"
		}
		return out
	}
	got, err := examined(t, func(*Config, *Table) {})
	if want := "e1 1 : a c b\ne2 0 : d e .\ne3 1 : h . .\n"; err != nil || said(got) != want {
		t.Fatalf("got %v\n%swant\n%s", err, said(got), want)
	}
	if c := got.Cases[2]; c.Tags["view"] != "" || filepath.Base(c.Image) != "h.png" || c.Picture != nil || c.Tags["patient"] != "p2" {
		t.Errorf("got %+v", c)
	}
	at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "view_twice" })
	if at < 0 || !slices.Equal(got.Findings[at].IDs, []string{"f.png"}) || !strings.HasSuffix(got.Findings[at].Reason, "f.png shows R-CC of e2, as e.png does") {
		t.Errorf("got %+v", got.Findings)
	}
	sides, err := examined(t, func(cfg *Config, table *Table) {
		cfg.Label, cfg.Targets, table.Only = all, []string{"side"}, map[string][]string{"exam": {"e1", "e2"}}
	})
	if want := "b.png 1 L: a c b\nc.png 0 R: a c b\nd.png 0 L: d e .\ne.png 0 R: d e .\n"; err != nil || said(sides) != want {
		t.Errorf("by side: got %v\n%swant\n%s", err, said(sides), want)
	}
	images, err := examined(t, func(cfg *Config, table *Table) { cfg.Sample, cfg.Views, table.View = "point", nil, "position" })
	if err != nil || len(images.Cases) != 8 || images.Cases[1].Tags["view"] != "MLO" || images.Cases[1].Picture.Name != "MLO" {
		t.Errorf("each by itself: got %+v, %v", images.Cases, err)
	}
	for want, change := range map[string]func(*Config, *Table){
		`data.source.table.view: x.csv has no column "pos"`:                                     func(_ *Config, t *Table) { t.View = "{side}-{pos}" },
		"data.source.table.view: there is a column view already":                                func(_ *Config, t *Table) { t.Extract = map[string]Extract{"view": {From: "side", Match: "."}} },
		`data.views.1: no image shows "R-C" by data.source.table.view`:                          func(c *Config, _ *Table) { c.Views[1] = "R-C" },
		"data.sample: the images of a group are its views, and so is the sample, no point":      func(c *Config, _ *Table) { c.Sample = "point" },
		"data.source.table.group: the images of a group are its views, and no column says of w": func(_ *Config, t *Table) { t.Group = "" },
		"where each has a row, view is what it shows, with data.sample: study":                  func(_ *Config, t *Table) { t.View = "" },
		"view: images names what the images of a row show already": func(_ *Config, t *Table) {
			t.Images = map[string]Pictured{"a": {"image": "image"}, "b": {"image": "side"}}
		},
	} {
		if _, err := examined(t, change); err == nil || !strings.Contains(registryText(err), want) {
			t.Errorf("got  %s\nwant %s", registryText(err), want)
		}
	}
}

// TestViewColumn: the column view itself may say what an image shows.
func TestViewColumn(t *testing.T) {
	t.Parallel()
	for view, want := range map[string]string{"view": "a.png:CC b.png:", "{side}{view}": "a.png:lCC b.png:"} {
		table := Table{Image: "image", Labels: []string{"label"}, View: view}
		got := ""
		for _, c := range tableFound(t, table, "image,side,view,label\na.png,l,CC,0\nb.png,r,,1\n").Cases {
			got += " " + c.ID + ":" + c.Tags["view"]
		}
		if got != " "+want {
			t.Errorf("%s: got%s, want %s", view, got, want)
		}
	}
}

// TestUnseenStudies: a table of new images needs the columns of the group and the view.
func TestUnseenStudies(t *testing.T) {
	t.Parallel()
	root := pictures(t, 3)
	path := filepath.Join(root, "new.csv")
	write(t, path, "exam,position,image\ne1,MLO,a.png\ne1,CC,b.png\ne2,CC,c.png\n")
	u, err := NewUnseen([]string{path}, Table{Image: "image", Group: "exam", View: "position"})
	if err != nil {
		t.Fatal(err)
	}
	u.Sample, u.Views, u.Rules = "study", []string{"CC", "MLO"}, nil
	got, err := u.Read(t.Context(), environment(stage.Discard))
	if err != nil || len(got.Cases) != 1 || got.Cases[0].ID != "e1" || filepath.Base(got.Cases[0].Views[0].Image) != "b.png" || got.Cases[0].Label != unlabelled {
		t.Errorf("got %+v, %v", got.Cases, err)
	}
	u.Views, u.Rules = []string{"XCCL", "CC"}, Actions{"view_missing": keep}
	if got, err := u.Read(t.Context(), environment(stage.Discard)); err != nil || len(got.Cases) != 2 || !blank(got.Cases[0].Views[0]) || blank(got.Cases[1].Views[1]) {
		t.Errorf("of a view that no image shows: got %+v, %v", got.Cases, err)
	}
}

// FuzzTableView: no pattern of columns and no cell breaks the reading of what images show.
func FuzzTableView(f *testing.F) {
	f.Add([]byte(exams), "{side}-{position}")
	f.Add([]byte("exam,image,label,view\ne,a.png,1,CC\ne,b.png,1,\n"), "view")
	f.Add([]byte("exam,image,label\n,a.png,1\n"), "{exam}{{exam}")
	f.Fuzz(func(t *testing.T, data []byte, view string) {
		source := Table{Root: "/nowhere", Image: "image", Labels: []string{"label"}, Group: "exam", View: view}
		found, err := source.parse(t.Context(), &Request{views: true}, data)
		for _, c := range found.Cases {
			if err != nil || view != "" && (c.Tags[ViewTag] == "") != (c.Picture == nil) {
				t.Errorf("got %+v with error %v", c, err)
			}
		}
	})
}
