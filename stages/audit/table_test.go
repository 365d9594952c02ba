package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/naming"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func TestTableColumns(t *testing.T) {
	t.Parallel()
	source := Table{ID: "key", Group: "patient", Image: "file", Labels: []string{"left", "right"}, X: "x", Y: "y", Classes: []string{"no", "yes"}, Missing: []string{"NA"}, Tags: []string{"site"}}
	found := tableFound(t, source, "key,patient,file,left,right,x,y,site\n1,p,a.png,yes,no,3,4.5,north\n2,p,b.png,NA,,1,1,south\n3,q,c.png,maybe,no,x,1,south\n1,p,a.png,no,no,1,1,north\n")
	var ids []string
	for _, c := range found.Cases {
		ids = append(ids, c.ID)
	}
	if !slices.Equal(ids, []string{"1_left", "1_right"}) {
		t.Errorf("got the cases %v, want 1_left and 1_right", ids)
	}
	c := found.Cases[0]
	if c.Group != "p" || c.Label != 1 || *c.Point != (stage.Point{X: 3, Y: 4.5}) || c.Tags["target"] != "left" || c.Tags["site"] != "north" || c.Image != "a.png" {
		t.Errorf("got %+v at %v", c, c.Point)
	}
	got := map[string]int{}
	for rule, hits := range found.reports.hits {
		got[rule] = len(hits)
	}
	if len(got) != 3 || got["empty_label"] != 2 || got["unreadable_point"] != 1 || got["duplicate_id"] != 2 {
		t.Errorf("got %v, want two empty labels, one unreadable point, two duplicate ids", got)
	}
}

// TestTableFindsClasses sorts numbers as numbers, and names rows by their image.
func TestTableFindsClasses(t *testing.T) {
	t.Parallel()
	found := tableFound(t, plainTable, "image,label\na.png,10\nb.png,9\na.png,9\n")
	if !slices.Equal(found.Classes, []string{"9", "10"}) {
		t.Errorf("got the classes %v, want 9 and 10", found.Classes)
	}
	if id := found.Cases[2].ID; id != "a.png (line 4)" || found.Cases[0].Group != found.Cases[2].Group {
		t.Errorf("got the id %q and groups %q, %q; want the line named, and one group for one image", id, found.Cases[0].Group, found.Cases[2].Group)
	}
}

func TestTableMistakes(t *testing.T) {
	t.Parallel()
	source := plainTable
	source.File, source.Group = "x.csv", "patient"
	_, err := source.parse(t.Context(), &Request{}, []byte("image,label\na,1\n"))
	if err == nil || !strings.Contains(err.Error(), `data.source.table.group: x.csv has no column "patient"; known: image, label`) {
		t.Errorf("got %v, want the missing column and those there are", err)
	}
	source.File = "none.csv"
	if _, err = source.Read(t.Context(), &Request{}); err == nil || !strings.Contains(err.Error(), "data.source.table.file") {
		t.Errorf("got %v, want the setting named", err)
	}
	for _, bad := range []Table{{Image: "i", Labels: []string{"l"}, X: "x"}, {Image: "i"}, {Labels: []string{"l"}}} {
		if bad.Validate() == nil {
			t.Errorf("%+v: got no error", bad)
		}
	}
}

// TestTableWithoutLabels: what pandas and R write for nothing is no class, unless the
// experiment says so.
func TestTableWithoutLabels(t *testing.T) {
	t.Parallel()
	one, _ := Sources.Default("table")
	source := one.Part.(Table)
	const text = "image,label\na.png,NA\nb.png,none\nc.png,mild\nd.png,nan\n"
	if found := tableFound(t, source, text); !slices.Equal(found.Classes, []string{"mild", "none"}) || len(found.Cases) != 2 {
		t.Errorf("got the classes %v of %d cases, want mild and none of 2", found.Classes, len(found.Cases))
	}
	source.Classes = []string{"NA", "mild", "none"}
	if found := tableFound(t, source, text); len(found.Cases) != 3 {
		t.Errorf("got %d cases, want 3: NA is a class", len(found.Cases))
	}
}

// TestSplitByColumns: what a split names is read from the table, and the column of
// groups is called by its name as well.
func TestSplitByColumns(t *testing.T) {
	t.Parallel()
	root := pictures(t, 8)
	text := "patient,image,label,site\n"
	for i := range 8 {
		text += fmt.Sprintf("p%d,%c.png,%d,%s\n", i/2, rune('a'+i), i%2, []string{"north", "south"}[i/4])
	}
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Group: "patient", Image: "image", Labels: []string{"label"}}}
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	for by, tag := range map[string]string{"site": "site", "patient": ""} {
		cfg.Split = Split{By: by, Stratify: []string{"label"}, Validation: 0.5}
		got, err := Run(t.Context(), env, cfg)
		if err != nil {
			t.Errorf("by %s: %v", by, err)
			continue
		}
		if len(torn(got.Cases, func(c stage.Case) string { return c.Group })) > 0 {
			t.Errorf("by %s: a patient is in two splits", by)
		}
		if _, tagged := got.Cases[0].Tags["site"]; tagged != (tag != "") {
			t.Errorf("by %s: got the tags %v", by, got.Cases[0].Tags)
		}
	}
	cfg.Split = Split{By: "sitte", Stratify: []string{"gender"}, Validation: 0.5}
	_, err := Run(t.Context(), env, cfg)
	for _, want := range []string{`data.split.by: cases.csv has no column "sitte"; did you mean site?`, `data.split.stratify.0: cases.csv has no column "gender"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// torn lists the names that have cases in two splits.
func torn(cases []stage.Case, name func(stage.Case) string) (out []string) {
	in := map[string]stage.Split{}
	for _, c := range cases {
		if before, seen := in[name(c)]; seen && before != c.Split {
			out = append(out, name(c))
		}
		in[name(c)] = c.Split
	}
	return out
}

// TestRowsAndClassesTwice: a row that comes again, and a class in two spellings.
func TestRowsAndClassesTwice(t *testing.T) {
	t.Parallel()
	root := pictures(t, 4)
	text := "image,label\na.png,Severe\nb.png,severe\nc.png,mild\nd.png,mild\nd.png,mild\n"
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Labels: []string{"label"}}}
	cfg.Split = Split{By: "study"}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Finding{}
	for _, f := range got.Findings {
		found[f.ID] = f
	}
	if f := found["repeated_row"]; !slices.Equal(f.IDs, []string{"d.png (line 6)"}) || !strings.HasSuffix(f.Reason, "the first: equal to d.png") || f.counted() != "1 row" {
		t.Errorf("got %+v, want the second row of d.png", f)
	}
	if f := found["classes_alike"]; !slices.Equal(f.IDs, []string{"a.png", "b.png"}) || !strings.HasSuffix(f.Reason, `"Severe" and "severe"`) {
		t.Errorf("got %+v, want the cases of both spellings", f)
	}
}

// TestWindowsPaths: a table of Windows names files with backslashes; numbers of two spellings
// are told as one class.
func TestWindowsPaths(t *testing.T) {
	t.Parallel()
	root := pictures(t, 4)
	text := "image,label\n..\\" + filepath.Base(root) + "\\a.png,0\nb.png,1\nc.png,0.0\nd.png,1\n"
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Split = Split{By: "study"}
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Labels: []string{"label"}}}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil || len(got.Cases) != 4 || len(got.Dropped) > 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "classes_alike" }); at < 0 || len(got.Findings[at].IDs) != 2 {
		t.Errorf("got %+v, want 0 and 0.0 to be alike", got.Findings)
	}
}

// TestEmptyCells: rows that lack their group or image are told; rows of no group stay
// together.
func TestEmptyCells(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	text := "image,patient,label\na.png,,no\nb.png,p,yes\nc.png,,yes\nd.png,q,no\n,q,no\nnone.png,q,no\ne.png,r,no\nf.png,s,yes\n"
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Drop.Rows = []string{"nobody.png"}
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Group: "patient", Labels: []string{"label"}}}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Finding{}
	for _, f := range append(got.Findings, got.Dropped...) {
		found[f.ID] = f
	}
	if f := found["empty_group"]; !slices.Equal(f.IDs, []string{"a.png", "c.png"}) || f.Done != "kept" {
		t.Errorf("got %+v, want the rows without a patient", f)
	}
	if f := found["missing_image"]; !slices.Equal(f.IDs, []string{"line 6", "none.png"}) {
		t.Errorf("got %+v, want line 6 and none.png", f)
	}
	if split := torn(got.Cases, func(c stage.Case) string { return c.Group }); split != nil {
		t.Errorf("groups %q are in two splits", split)
	}
	if want := []string{"data.drop.rows: nothing in the tables has the id nobody.png: no effect"}; !slices.Equal(got.Idle, want) {
		t.Errorf("got %q, want %q", got.Idle, want)
	}
	cfg.Source.Part = Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Labels: []string{"label"}, Classes: []string{"0", "1"}}
	if _, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg); err == nil || !strings.Contains(err.Error(), `unknown label: the label is none of the classes; the first: "no" is none of 0, 1`) {
		t.Errorf("got %v, want what the labels are", err)
	}
}

// TestClassesTwice: a class is named once.
func TestClassesTwice(t *testing.T) {
	t.Parallel()
	for _, source := range []interface{ Validate() error }{
		Table{Image: "image", Labels: []string{"label"}, Classes: []string{"0", "1", "1"}},
		Folders{Classes: []string{"1", "1"}}, Folders{Group: "(p)", Classes: []string{"1", "1"}},
	} {
		if err := source.Validate(); err == nil || err.Error() != "classes: 1 is named twice" {
			t.Errorf("%+v: got %v", source, err)
		}
	}
}

// TestSeveralTargets: one picture with two answers, and nothing that says which is
// asked.
func TestSeveralTargets(t *testing.T) {
	t.Parallel()
	root := pictures(t, 3)
	text := "image,left,right,x,y\na.png,no,yes,3,3\nb.png,no,no,3,3\nc.png,yes,no,3,3\n"
	if err := os.WriteFile(filepath.Join(root, "cases.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for x, want := range map[string]int{"": 4, "x": 4} {
		source := Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Labels: []string{"left", "right"}, X: x}
		if x != "" {
			source.Y = "y"
		}
		cfg := Default
		cfg.Source, cfg.Split = registry.One[Source]{Name: "table", Part: source}, Split{By: "study"}
		got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "several_targets" })
		if at >= 0 && len(got.Findings[at].IDs) != want || at < 0 && want != 0 {
			t.Errorf("x is %q: got %v, want %d cases", x, got.Findings, want)
		}
	}
}

// TestUnusedPatients: a column of patients that nothing looks at is told.
func TestUnusedPatients(t *testing.T) {
	t.Parallel()
	text := "PatientID,image,label\np1,a.png,1\np1,b.png,2\n"
	for _, c := range []struct {
		source  Table
		columns []wantedColumn
		want    int
	}{
		{plainTable, nil, 1},
		{plainTable, []wantedColumn{{path: "data.split.by", name: "PatientID"}}, 0},
		{Table{Image: "image", Labels: []string{"label"}, Group: "PatientID"}, nil, 0},
	} {
		request := mustRequest(t, Wanted{}, Wanted{})
		request.columns = c.columns
		found, err := c.source.parse(t.Context(), request, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := found.reports.hits["unused_patients"]; len(got) != c.want {
			t.Errorf("%+v: got %v, want %d", c.source, got, c.want)
		}
	}
}

// TestUnusedNames: files of folders whose names begin alike are told, unless groups keep
// them together or a counter made the names.
func TestUnusedNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		group string
		want  int
	}{
		{[]string{"a/p00_1.png", "a/p00_2.png", "b/p01-1.png", "b/p01-2.png", "a/p02.1.png", "b/p02.2.png", "b/alone_1.png"}, "", 6},
		{[]string{"a/p00_1.png", "a/p00_2.png", "b/p01-1.png", "b/p01-2.png", "a/p02.1.png", "b/p02.2.png", "b/alone_1.png"}, naming.Beginnings.String(), 0},
		{[]string{"a/img_1.png", "a/img_2.png", "b/img_3.png", "b/img_4.png"}, "", 0},
		{[]string{"a/a_1.png", "a/a_2.png", "b/b_1.png", "b/b_2.png"}, "", 0},
		{[]string{"a/p00_1.png", "a/p00_2.png", "a/p01_1.png", "b/p01_2.png", "a/p02_1.png", "b/p02_2.png", "b/x.png", "b/y.png", "b/z.png", "b/p03_1.png", "a/p04_1.png", "a/p05_1.png"}, "", 0},
		{[]string{"a/p00/1.png", "a/p00/2.png", "b/p01/1.png", "b/p01/2.png", "b/p02/1.png", "b/p02/2.png"}, "", 0},
		{[]string{"a/p00x1.png", "a/p00x2.png", "b/p01x1.png", "b/p01x2.png", "b/p02x1.png", "b/p02x2.png"}, "", 0},
		{[]string{"a/sub-p00_ses-1_T1w.png", "a/sub-p00_ses-2_T1w.png", "b/sub-01A_ses-1_T1w.png", "b/sub-02A_ses-1_T1w.png"}, "", 2},
	} {
		dir := alone(t)
		for i, name := range c.names {
			picture(t, filepath.Join(dir, name), noise(i))
		}
		cfg := folders(t, dir)
		cfg.Source.Part = Folders{Root: registry.Path(dir), Group: c.group}
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(cases.Findings, func(f Finding) bool { return f.ID == "unused_names" })
		switch {
		case at < 0 && c.want > 0, at >= 0 && len(cases.Findings[at].IDs) != c.want:
			t.Errorf("%v: got %v, want %d", c.names, cases.Findings, c.want)
		case at >= 0 && !regexp.MustCompile("the first: 2 files (begin with|are called) (sub-)?p00; group: '").MatchString(cases.Findings[at].Reason):
			t.Errorf("got %s", cases.Findings[at].Reason)
		}
	}
}
