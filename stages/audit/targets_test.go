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
)

// tableOf writes a table beside four pictures.
func tableOf(t *testing.T, text string, labels ...string) Config {
	t.Helper()
	root := pictures(t, 4)
	file := filepath.Join(root, "cases.csv")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(file), Image: "image", Labels: labels, Missing: []string{"NA"}, Tags: []string{"finding"}}}
	cfg.Label, cfg.Split = all, Split{By: "row", Validation: 0.5, Seed: 3}
	if len(labels) > 1 {
		cfg.Source.Part = Table{File: registry.Path(file), Image: "image", Labels: labels, Missing: []string{"NA"}}
	}
	return cfg
}

func readCases(t *testing.T, cfg Config) (Cases, error) {
	t.Helper()
	return Run(t.Context(), stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
}

// said lists "sample target label" of cases.
func said(c Cases) (out []string) {
	for _, one := range c.Cases {
		out = append(out, filepath.Base(one.Sample)+" "+c.Targets[one.Target]+" "+c.Classes[one.Label])
	}
	return out
}

// TestLabelsTogether: a wide table and a long one say the same, answers may be missing,
// and no row is on both sides of a split, also row by row.
func TestLabelsTogether(t *testing.T) {
	t.Parallel()
	wide := tableOf(t, "image,edema,nodule\na.png,no,yes\nb.png,NA,no\nc.png,yes,\nd.png,no,no\n", "edema", "nodule")
	long := tableOf(t, "image,finding,label\na.png,edema,no\na.png,nodule,yes\nb.png,nodule,no\nc.png,edema,yes\nd.png,edema,no\nd.png,nodule,no\n", "label")
	long.Targets = []string{"finding"}
	want := []string{"a.png edema no", "a.png nodule yes", "b.png nodule no", "c.png edema yes", "d.png edema no", "d.png nodule no"}
	for name, cfg := range map[string]Config{"wide": wide, "long": long} {
		got, err := readCases(t, cfg)
		if err != nil {
			t.Fatal(name, err)
		}
		lines := said(got)
		slices.Sort(lines)
		if !slices.Equal(lines, want) || !slices.Equal(got.Targets, []string{"edema", "nodule"}) {
			t.Errorf("%s: got %q of %q, want %q", name, lines, got.Targets, want)
		}
		if torn := tornKeys(got.Cases, func(c *stage.Case, found func(string)) { found(c.Sample) }); len(torn) > 0 || len(got.present()) != 2 {
			t.Errorf("%s: samples %v are in two splits", name, torn)
		}
		if got.Samples().Cases[0].ID != got.Cases[0].Sample || len(got.Samples().Cases) != 4 {
			t.Errorf("%s: got the samples %+v", name, got.Samples().Cases)
		}
		if i := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "several_targets" || f.ID == "target_without_class" }); i >= 0 {
			t.Errorf("%s: got %+v", name, got.Findings[i])
		}
	}
}

// TestTargetsOfUnits: of several labels of one target the worst counts, and RSNA's
// conditions are targets, of studies with the level.
func TestTargetsOfUnits(t *testing.T) {
	t.Parallel()
	points := sampled(t, "point", "worst")
	for sample, targets := range map[string]int{"level": 5, "study": 25, "series": 25} {
		got := sampled(t, sample, all)
		if len(got.Targets) != targets || len(got.Cases) != len(points.Cases) {
			t.Errorf("%s: got %d targets of %d cases, want %d of %d", sample, len(got.Targets), len(got.Cases), targets, len(points.Cases))
		}
		for i, c := range got.Cases {
			p, name := points.Cases[i], got.Targets[c.Target]
			if c.ID != p.ID || c.Label != p.Label || c.Sample != units[sample](p) || !strings.HasSuffix(p.ID, name) && !strings.Contains(p.ID, name) || c.Tags[stage.TargetTag] != name {
				t.Fatalf("%s: got %+v of the point %+v", sample, c, p)
			}
		}
	}
	cfg := tableOf(t, "image,edema,nodule,patient\na.png,0,1,p\nb.png,1,0,p\nc.png,0,0,q\nd.png,0,1,q\n", "edema", "nodule")
	table := cfg.Source.Part.(Table)
	table.Group, table.Series = "patient", "patient"
	cfg.Source.Part, cfg.Sample = table, "study"
	got, err := readCases(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"p edema 1", "p nodule 1", "q edema 0", "q nodule 1"}; !slices.Equal(slices.Sorted(slices.Values(said(got))), want) {
		t.Errorf("got %q, want %q", said(got), want)
	}
}

// TestTargetMistakes says what cannot be answered together.
func TestTargetMistakes(t *testing.T) {
	t.Parallel()
	typo := config(sharedFolder(t))
	typo.Sample, typo.Label, typo.Targets = "level", all, []string{"conditio"}
	empty := tableOf(t, "image,finding,label\na.png,edema,no\nb.png,,yes\n", "label")
	empty.Targets = []string{"finding"}
	for want, cfg := range map[string]Config{
		`_l1_l2 has no "conditio"`:                                typo,
		"data.targets: of case b.png the column finding is empty": empty,
	} {
		if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := (Config{Label: all}).targetOf(stage.Case{ID: "x"}); err == nil || !strings.Contains(err.Error(), "data.label: all labels of a sample are to be answered, and nothing tells them apart") {
		t.Errorf("got %v", err)
	}
	never := tableOf(t, "image,edema,grade\na.png,0,2\nb.png,1,0\nc.png,0,1\nd.png,1,0\n", "edema", "grade")
	got, err := readCases(t, never)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "target_without_class" })
	if at < 0 || !slices.Equal(got.Findings[at].IDs, []string{"edema"}) || !strings.HasSuffix(got.Findings[at].Reason, "edema: never 2") {
		t.Errorf("got %+v, want that edema is never 2", got.Findings)
	}
}

// TestWantedAnswers: lists of rows may name a row with all its labels, or one of them.
func TestWantedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		drop, keep Wanted
		want       []string
	}{
		"keep":  {keep: Wanted{Rows: []string{"a.png", "b.png_edema"}}, want: []string{"a.png edema 0", "a.png nodule 1", "b.png edema 1"}},
		"drop":  {drop: Wanted{Rows: []string{"a.png", "b.png_edema"}}, want: []string{"b.png nodule 0", "c.png edema 0", "c.png nodule 1"}},
		"both":  {drop: Wanted{Rows: []string{"a.png_nodule"}}, keep: Wanted{Rows: []string{"a.png", "c.png"}}, want: []string{"a.png edema 0", "c.png edema 0", "c.png nodule 1"}},
		"study": {keep: Wanted{Studies: []string{"a.png", "b.png"}}, want: []string{"a.png edema 0", "a.png nodule 1", "b.png edema 1", "b.png nodule 0"}},
	} {
		cfg := tableOf(t, "image,edema,nodule\na.png,0,1\nb.png,1,0\nc.png,0,1\n", "edema", "nodule")
		cfg.Drop, cfg.Keep = c.drop, c.keep
		got, err := readCases(t, cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if lines := slices.Sorted(slices.Values(said(got))); !slices.Equal(lines, c.want) {
			t.Errorf("%s: got %q, want %q", name, lines, c.want)
		}
		if at := slices.IndexFunc(got.Findings, func(f Finding) bool { return strings.Contains(f.ID, "request") }); at >= 0 {
			t.Errorf("%s: got %+v", name, got.Findings[at])
		}
	}
}

// TestSilentTarget: a column of labels that says nothing is told, and so is that no case is
// left where each target lacks a class.
func TestSilentTarget(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,edema,nodule,mass\na.png,0,1,\nb.png,1,0,NA\nc.png,0,1,\nd.png,1,0,\n", "edema", "nodule", "mass")
	got, err := readCases(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "target_without_class" })
	if at < 0 || !slices.Equal(got.Findings[at].IDs, []string{"mass"}) || !strings.HasSuffix(got.Findings[at].Reason, "mass: never 0, 1") || len(got.Targets) != 2 {
		t.Errorf("got %+v of %q, want that mass is never anything", got.Findings, got.Targets)
	}
	table := cfg.Source.Part.(Table)
	table.Classes = []string{"0", "1", "2"}
	cfg.Source.Part, cfg.Rules = table, Actions{"target_without_class": drop}
	if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), "data.source: no case is left (empty label: 4; target that a class never occurs in: 3)") {
		t.Errorf("got %v", err)
	}
}

// TestAskUnseen: each new image is asked for every target, and labelled cases are
// numbered as the net numbers its targets.
func TestAskUnseen(t *testing.T) {
	t.Parallel()
	root := pictures(t, 2)
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	got, err := Unseen{Paths: []string{root}, Sample: "point", Asked: stage.Questions{Classes: []string{"no", "yes"}, Targets: []string{"edema", "nodule"}}}.Read(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cases) != 4 || got.Cases[1].ID != got.Cases[0].Sample+"_nodule" || got.Cases[1].Target != 1 || got.Cases[3].Tags[stage.TargetTag] != "nodule" {
		t.Errorf("got %+v", got.Cases)
	}
	long := filepath.Join(root, "long.csv")
	if err := os.WriteFile(long, []byte("image,finding,name\na.png,edema,1\na.png,nodule,2\nb.png,edema,3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{"": 4, "name": 6} { // rows of one image are asked once, unless they are told apart
		got, err := Unseen{Table: Table{File: registry.Path(long), Image: "image", ID: id}, Sample: "point", Asked: stage.Questions{Classes: []string{"no", "yes"}, Targets: []string{"edema", "nodule"}}}.Read(t.Context(), env)
		if err != nil || len(got.Cases) != want {
			t.Errorf("id %q: got %d cases, %v; want %d", id, len(got.Cases), err, want)
		}
	}
	labelled, err := readCases(t, tableOf(t, "image,edema,nodule\na.png,no,yes\nb.png,yes,no\n", "edema", "nodule"))
	if err != nil {
		t.Fatal(err)
	}
	if err := labelled.Answer(stage.Questions{Targets: []string{"nodule", "opacity", "edema"}}); err != nil || labelled.Cases[0].Target != 2 || labelled.Cases[1].Target != 0 {
		t.Errorf("got %+v, %v", labelled.Cases, err)
	}
	if err := labelled.Answer(stage.Questions{Targets: []string{"edema"}}); err == nil || !strings.Contains(err.Error(), `does not answer the target "nodule"`) {
		t.Errorf("got %v", err)
	}
}

// TestLongTable: a column that data.targets names is kept without being listed among tags,
// and is looked for in the table.
func TestLongTable(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,finding,label\na.png,edema,no\na.png,nodule,no\nb.png,nodule,yes\nb.png,edema,yes\n", "label")
	table := cfg.Source.Part.(Table)
	table.Tags = nil
	cfg.Source.Part, cfg.Targets = table, []string{"finding"}
	got, err := readCases(t, cfg)
	if err != nil || len(got.Cases) != 4 || len(got.Targets) != 2 || len(got.Findings) > 0 {
		t.Errorf("got %q, %+v, %v; want four answers to two questions", said(got), got.Findings, err)
	}
	cfg.Targets = []string{"findin"}
	if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), `data.targets.0: cases.csv has no column "findin"; did you mean finding`) {
		t.Errorf("got %v", err)
	}
}

// TestTargetsOfOneName: names that are joined of several columns stay apart.
func TestTargetsOfOneName(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,place,finding,label\na.png,left_lung,mass,no\na.png,left,lung_mass,yes\nb.png,left,lung_mass,no\nb.png,left_lung,mass,yes\n", "label")
	cfg.Targets = []string{"place", "finding"}
	if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), "data.targets: left, lung_mass and left_lung, mass are both called left_lung_mass") {
		t.Errorf("got %v", err)
	}
}

// TestRepeatedSample: of rows with one id the first counts, also for what it does not say:
// an answer of the second would else be given to the first one's image.
func TestRepeatedSample(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,id,edema,nodule\na.png,1,no,\nb.png,1,yes,yes\nc.png,2,yes,no\nd.png,3,no,yes\n", "edema", "nodule")
	table := cfg.Source.Part.(Table)
	table.ID = "id"
	cfg.Source.Part = table
	got, err := readCases(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"1 edema no", "2 edema yes", "2 nodule no", "3 edema no", "3 nodule yes"}; !slices.Equal(slices.Sorted(slices.Values(said(got))), want) {
		t.Errorf("got %q, want %q", said(got), want)
	}
	if at := slices.IndexFunc(got.Dropped, func(f Finding) bool { return f.ID == "duplicate_id" }); at < 0 || !slices.Equal(got.Dropped[at].IDs, []string{"1_edema", "1_nodule"}) {
		t.Errorf("got %+v, want both answers of the second row", got.Dropped)
	}
}

// TestOneTarget: data of one label column are answers to the target of its name, for a net
// that answers others as well.
func TestOneTarget(t *testing.T) {
	t.Parallel()
	got, err := readCases(t, tableOf(t, "image,finding,nodule\na.png,x,no\nb.png,x,yes\n", "nodule"))
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Answer(stage.Questions{Targets: []string{"edema", "nodule"}}); err != nil || got.Cases[0].Target != 1 || got.Cases[0].Sample == "" || got.Cases[0].Tags[stage.TargetTag] != "nodule" {
		t.Errorf("got %+v, %v", got.Cases, err)
	}
}

// TestFingerprintOfTargets: what is asked is part of the data.
func TestFingerprintOfTargets(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,finding,other,label\na.png,edema,nodule,no\na.png,nodule,edema,yes\nb.png,nodule,edema,no\nb.png,edema,nodule,yes\n", "label")
	var prints []string
	for _, column := range []string{"finding", "other"} {
		cfg.Targets = []string{column}
		got, err := readCases(t, cfg)
		if err != nil {
			t.Fatal(err)
		}
		prints = append(prints, got.Fingerprint)
	}
	if prints[0] == prints[1] {
		t.Error("swapped targets have the same fingerprint")
	}
}

// TestSeriesOfLevels: what a level's answers say of their picture is true of it, whatever
// series their own points are in.
func TestSeriesOfLevels(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	for _, label := range []string{"each", all} {
		got := sampled(t, "level", label)
		for _, c := range got.Cases {
			if want := got.Series[c.Series].Type; c.Tags["series_type"] != want {
				t.Fatalf("%s: %s is of %s, its picture of %s", label, c.ID, c.Tags["series_type"], want)
			}
			types[c.Tags["series_type"]] = true
		}
	}
	if len(types) < 2 {
		t.Errorf("all pictures are of %v", types)
	}
}
