package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// pupils are a table of 12 images of 6 patients, and a folder of others, of which so much is said.
func pupils(t *testing.T, said string) (Config, PseudoLabels) {
	t.Helper()
	root := pictures(t, 12)
	rows := "image,patient,grade\n"
	for i := range 12 {
		rows += fmt.Sprintf("%c.png,p%d,%s\n", 'a'+i, i/2, []string{"mild", "severe"}[i%2])
	}
	write(t, filepath.Join(root, "cases.csv"), rows)
	others := filepath.Join(root, "new")
	for i := range 4 {
		picture(t, filepath.Join(others, fmt.Sprintf("%d.png", i)), noise(100+i))
	}
	write(t, filepath.Join(root, "pseudo.csv"), strings.ReplaceAll("case_id,mild,severe,predicted\n"+said, "NEW", others))
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Group: "patient", Labels: []string{"grade"}}}
	cfg.Split.Folds, cfg.Split.Stratify = 3, nil
	p := PseudoLabels{}.Defaults()
	p.File, p.Images = registry.Path(filepath.Join(root, "pseudo.csv")), []registry.Path{registry.Path(others)}
	return cfg, p
}

const saidOfAll = "NEW/0.png,0.9,0.1,mild\nnew/1.png,2,6,severe\nNEW/../new/2.png,0.45,0.55,severe\n"

// TestPseudoLabels: images join the training of every fold, with what the file says of them; what
// the data is stays the same.
func TestPseudoLabels(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, saidOfAll)
	before, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.PseudoLabels = &p
	k := &keeper{}
	after, err := Run(t.Context(), environment(k), cfg)
	if err != nil {
		t.Fatal(err)
	}
	soft := map[string][]float32{}
	for fold := range 4 {
		n := 0
		for _, c := range stage.InFold(after.Cases, fold) {
			if c.Soft != nil {
				n++
				soft[c.ID] = c.Soft
			}
			if c.Soft != nil && (c.Split != stage.Train || c.Label != likeliest(c.Soft)) {
				t.Errorf("fold %d: got %+v", fold, c)
			}
		}
		if n != 3 {
			t.Errorf("fold %d has %d pseudo-labels, want 3", fold, n)
		}
	}
	if want := map[string][]float32{"new/0.png": {0.9, 0.1}, "new/1.png": {0.25, 0.75}, "new/2.png": {0.45, 0.55}}; !reflect.DeepEqual(soft, want) {
		t.Errorf("got %v, want %v", soft, want)
	}
	if after.Fingerprint != before.Fingerprint || after.Undivided != before.Undivided || before.Pseudo() != "" || after.Pseudo() == "" {
		t.Errorf("the data are others: %s, %s; pseudo-labels %q, %q", before.Fingerprint, after.Fingerprint, before.Pseudo(), after.Pseudo())
	}
	labelled := slices.DeleteFunc(slices.Clone(after.Cases), func(c stage.Case) bool { return c.Soft != nil })
	if !reflect.DeepEqual(labelled, before.Cases) {
		t.Error("labelled cases changed")
	}
	if k.fact("cases") != "12" || k.fact("cases with pseudo-labels") != "3" {
		t.Errorf("counted %s and %s", k.fact("cases"), k.fact("cases with pseudo-labels"))
	}
	if !k.says(info, "pseudo-label: 3 cases kept") || !k.says(info, "image without a pseudo-label: 1 case dropped") {
		t.Errorf("told: %v", k.records)
	}
	if at := slices.IndexFunc(after.Findings, func(f Finding) bool { return f.ID == taught.ID }); at < 0 || len(after.Findings[at].concerned()) != 3 {
		t.Errorf("findings %+v", after.Findings)
	}
	p.Soft, p.Sure = false, 0.6
	hard, err := Run(t.Context(), environment(k), cfg)
	if err != nil || hard.Pseudo() == after.Pseudo() || !k.says(info, "pseudo-label that is not sure: 1 case dropped") {
		t.Errorf("hard labels: %v, %v", err, k.records)
	}
	for _, c := range hard.Cases {
		if c.Soft != nil && (c.Soft[c.Label] != 1 || c.Soft[1-c.Label] != 0) {
			t.Errorf("%s has %v", c.ID, c.Soft)
		}
	}
	if other := cfg.Asked(cfg, after.Questions()); other.PseudoLabels != nil {
		t.Error("who asks nets about data asks about pseudo-labels")
	}
}

// TestPseudoLabelsOfLabelled: what shares its image or its patient with labelled cases stays out.
func TestPseudoLabelsOfLabelled(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, saidOfAll+"a,1,0,mild\nb,0,1,severe\nc,0.2,0.8,severe\n")
	root := filepath.Dir(string(p.File))
	write(t, filepath.Join(root, "more.csv"), "id,image,patient\na,new/0.png,p3\nb,f.png,other\nc,new/1.png,other\n")
	p.Images = []registry.Path{registry.Path(filepath.Join(root, "more.csv"))}
	cfg.PseudoLabels = &p
	k := &keeper{}
	cases, err := Run(t.Context(), environment(k), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var added []string
	for _, c := range cases.Cases {
		if c.Soft != nil {
			added = append(added, c.ID)
		}
	}
	if !slices.Equal(added, []string{"c"}) || !k.says(warning, "pseudo-label of what has labels: 2 cases dropped") {
		t.Errorf("got %v; told %v", added, k.records)
	}
}

// TestNamesOfPseudoLabels: nothing of the machine is in them, and no two are alike.
func TestNamesOfPseudoLabels(t *testing.T) {
	t.Parallel()
	p := PseudoLabels{Images: []registry.Path{"/data/a/new", "/data/b/new/", "/data/one.dcm"}}
	for id, want := range map[string]string{
		"/data/a/new/p/1.png": "new/p/1.png", "/data/b/new/p/1.png": "new 2/p/1.png", "/data/one.dcm": "one.dcm", "/data/one.dcm#3": "one.dcm#3",
		"/data/a/new/1.png_edema": "new/1.png_edema", "/data/one.dcm_edema": "one.dcm_edema", "/data/a/newer/1.png": "/data/a/newer/1.png", "12": "12", "": "",
	} {
		if got := p.beside().named(id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

// TestPseudoLabelsRefuse: what is wrong is told with its setting.
func TestPseudoLabelsRefuse(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"":                       "data.pseudo_labels.file: pseudo.csv names none of the 4 images",
		"else.png,1,0,mild\n":    "it names cases such as else.png, the images are called such as",
		"NEW/0.png,-1,2,mild\n":  `line 2, case .*0.png: mild is "-1", want a number of 0 or more`,
		"NEW/0.png,x,2,mild\n":   `mild is "x"`,
		"NEW/0.png,0,0,mild\n":   "add up to 0",
		"NEW/0.png,0.6,0.4,a\n":  "data.pseudo_labels: no image is taken: of the 4, those that pseudo.csv names are not sure enough",
		saidOfAll + saidOfAll:    "line 5, .* the file names it twice",
		"NEW/0.png,NaN,0,mild\n": `mild is "NaN"`,
	} {
		cfg, p := pupils(t, said)
		p.Sure = 0.7
		cfg.PseudoLabels = &p
		_, err := Run(t.Context(), environment(stage.Discard), cfg)
		matches(t, said, err, want)
	}
	cfg, p := pupils(t, saidOfAll)
	cfg.PseudoLabels = &p
	p.File += "x"
	_, err := Run(t.Context(), environment(stage.Discard), cfg)
	matches(t, "no file", err, "data.pseudo_labels.file: .*pseudo.csvx is not there")
	p.File = p.File[:len(p.File)-1]
	p.Images = []registry.Path{p.Images[0] + "s"}
	_, err = Run(t.Context(), environment(stage.Discard), cfg)
	matches(t, "no folder", err, "data.pseudo_labels.images: .*news")
	p.Images, p.Source = nil, &cfg.Source
	_, err = Run(t.Context(), environment(stage.Discard), cfg)
	matches(t, "a source with labels", err, "data.pseudo_labels.source: the source table has labels")
	for _, p := range []PseudoLabels{{}, {Images: []registry.Path{"a"}, Source: &cfg.Source}} {
		if p.Validate() == nil {
			t.Errorf("%+v says its images once", p)
		}
	}
}

func matches(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
		t.Errorf("%q: got %v, want %s", what, err, want)
	}
}

// TestPseudoLabelsOfTargets: what a file says of a case is of the classes of its target.
func TestPseudoLabelsOfTargets(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, "")
	root := filepath.Dir(string(p.File))
	rows := "image,patient,grade,edema\n"
	for i := range 12 {
		rows += fmt.Sprintf("%c.png,p%d,%s,%s\n", 'a'+i, i/2, []string{"mild", "severe"}[i%2], []string{"no", "yes"}[i%2])
	}
	write(t, filepath.Join(root, "cases.csv"), rows)
	table := cfg.Source.Part.(Table)
	table.Labels = []string{"grade", "edema"}
	cfg.Source.Part, cfg.Label, cfg.PseudoLabels = table, all, &p
	first := filepath.Join(string(p.Images[0]), "0.png")
	said := func(shares string) error {
		write(t, string(p.File), "case_id,mild,severe,no,yes\n"+first+"_grade,"+shares+"\n"+first+"_edema,0,0,0.2,0.8\n")
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err == nil && !slices.ContainsFunc(cases.Cases, func(c stage.Case) bool { return c.ID == "new/0.png_grade" && c.Label == 3 && c.Soft[0] == 0 }) {
			t.Errorf("%s: got %+v", shares, cases.Cases[len(cases.Cases)-1])
		}
		return err
	}
	if err := said("0.4,0.6,1e-9,0"); err != nil {
		t.Error(err)
	}
	for _, shares := range []string{"0.1,0.2,0.7,0", "0.4,0.5,0.1,0"} {
		matches(t, shares, said(shares), "data.pseudo_labels.file: pseudo.csv, case .*0.png_grade: no has 0.[17] of what the file says, and is no class of grade")
	}
}

// TestPseudoLabelsBehindLinks: a labelled image stays out by whatever way it is reached, through a
// linked folder or as a linked file.
func TestPseudoLabelsBehindLinks(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, "")
	root, others := filepath.Dir(string(p.File)), string(p.Images[0])
	if err := errors.Join(os.Symlink(root, filepath.Join(others, "linked")), os.Symlink(filepath.Join(root, "b.png"), filepath.Join(others, "z.png"))); err != nil {
		t.Fatal(err)
	}
	write(t, string(p.File), strings.ReplaceAll("case_id,mild,severe\nNEW/0.png,1,0\nNEW/z.png,1,0\nNEW/linked/a.png,0,1\n", "NEW", others))
	p.Images = append(p.Images, registry.Path(filepath.Join(others, "linked", "a.png")))
	cfg.PseudoLabels = &p
	k := &keeper{}
	cases, err := Run(t.Context(), environment(k), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if taught := len(slices.DeleteFunc(cases.Cases, func(c stage.Case) bool { return c.Soft == nil })); taught != 1 || !k.says(warning, "pseudo-label of what has labels: 2 cases dropped") {
		t.Errorf("%d images taught; told %v", taught, k.records)
	}
}
