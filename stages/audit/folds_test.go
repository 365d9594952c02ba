package audit

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestFolds wants each study in exactly one validation set, every class at its
// share in each fold, and the same test set as a single split has.
func TestFolds(t *testing.T) {
	t.Parallel()
	single, cases := population(300, 25), population(300, 25)
	cross := ordinary
	cross.Folds = 5
	for cfg, to := range map[*Split][]stage.Case{&cross: cases, &ordinary: single} {
		if err := cfg.assign(3, to, nil); err != nil {
			t.Fatal(err)
		}
	}
	fold, total, counts := map[string]int{}, [3]float64{}, [6][3]float64{}
	for i, c := range cases {
		if (c.Split == stage.Test) != (single[i].Split == stage.Test) || (c.Split == stage.Test) != (c.Fold == 0) {
			t.Fatalf("%s: got split %s, fold %d; a single split says %s", c.ID, c.Split, c.Fold, single[i].Split)
		}
		if old, seen := fold[c.Group]; seen && old != c.Fold {
			t.Fatalf("study %s is in folds %d and %d", c.Group, old, c.Fold)
		}
		fold[c.Group] = c.Fold
		total[c.Label]++
		counts[c.Fold][c.Label]++
	}
	for f := 1; f <= 5; f++ {
		for class, n := range counts[f] {
			if want := cross.share(stage.Validation) * total[class]; !(math.Abs(n-want) <= 3+0.03*want) {
				t.Errorf("fold %d: got %v cases of class %d, want about %v", f, n, class, want)
			}
		}
	}
	if _, err := checkLeaks(Cases{Cases: cases, Folds: 5}, cross, nil); err != nil {
		t.Error(err)
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cases Cases
		want  string
	}{{Cases{}, "[0]"}, {Cases{Folds: 3}, "[1 2 3]"}, {Cases{Folds: 3, Fold: 2}, "[2]"}, {Cases{Folds: 3, Fold: stage.AllFolds}, "[-1]"}} {
		if got := fmt.Sprint(test.cases.FoldsToRun()); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// TestStratifyBySeveral wants the shares of the label and of a tag alike, though
// they are independent.
func TestStratifyBySeveral(t *testing.T) {
	t.Parallel()
	cases := population(200, 10)
	for i := range cases {
		site := "a"
		if stage.Hash(1, "site "+cases[i].Group)%10 < 2 {
			site = "b"
		}
		cases[i].Tags = map[string]string{"site": site}
	}
	if err := (Split{By: "study", Stratify: []string{"label", "site"}, Validation: 0.25}).assign(1, cases, nil); err != nil {
		t.Fatal(err)
	}
	all, held := map[string]float64{}, map[string]float64{}
	for _, c := range cases {
		for _, stratum := range []string{c.Tags["site"], fmt.Sprint(c.Label)} {
			all[stratum]++
			if c.Split == stage.Validation {
				held[stratum]++
			}
		}
	}
	for stratum, n := range all {
		if got := held[stratum] / n; !(math.Abs(got-0.25) <= 0.03) {
			t.Errorf("got a share of %.3f of %q in validation, want 0.25", got, stratum)
		}
	}
}

// TestSplitByColumn keeps sites whole, and studies also where they have cases at
// two sites.
func TestSplitByColumn(t *testing.T) {
	t.Parallel()
	cases := population(60, 4)
	for i := range cases {
		cases[i].Tags = map[string]string{"site": fmt.Sprint(i / 4 % 20)}
	}
	cases[0].Tags["site"] = "another"
	split := Split{By: "site", Validation: 0.3}
	if err := split.assign(1, cases, nil); err != nil {
		t.Fatal(err)
	}
	whole := func(c *stage.Case, found func(string)) {
		found("study " + c.Group)
		found("site " + c.Tags["site"])
	}
	if torn := tornKeys(cases, whole); len(torn) > 0 {
		t.Errorf("got %v in two splits, want none", torn)
	}
	err := (Split{By: "hospital", Validation: 0.3}).assign(1, cases, nil)
	if err == nil || !strings.Contains(err.Error(), `has no "hospital"`) || !strings.Contains(err.Error(), "known: site") {
		t.Errorf("got %v, want an error that lists the columns", err)
	}
}

// TestRowByRow tears studies, and says so.
func TestRowByRow(t *testing.T) {
	t.Parallel()
	cases, split := population(50, 10), Split{By: "row", Stratify: []string{"label"}, Validation: 0.2}
	if err := split.assign(1, cases, nil); err != nil {
		t.Fatal(err)
	}
	for groups, want := range map[string]string{"studies": "study", "patients": "patient", "biopsies": "biopsy", "": "group"} {
		l, err := checkLeaks(Cases{Cases: cases, groups: groups}, split, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.findings) != 2 || l.findings[0].Rule != want+" in two splits" || !strings.Contains(l.findings[0].Reason, "cases of one "+want+" are on both sides of the split: set data.split.by to study") ||
			!strings.HasPrefix(l.fact, "row-level split") {
			t.Errorf("got %q and %v, want words on the row-level split, torn %s and images", l.fact, l.findings, groups)
		}
	}
}

func TestSplitFile(t *testing.T) {
	t.Parallel()
	cases := Cases{Cases: population(6, 2)}
	const text = "study_id,fold\nstudy0,0\nstudy1,1\nstudy2,2\nstudy3,0\nstudy4,1\n"
	f, err := parseSplitFile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.apply(&cases, nil, nil); err != nil {
		t.Fatal(err)
	}
	if len(cases.Cases) != 10 || cases.Folds != 3 || cases.Dropped[0].Rule != "without a split" || len(cases.Dropped[0].IDs) != 2 {
		t.Errorf("got %d cases in %d folds, dropped %v; want 10 in 3, and study5 dropped", len(cases.Cases), cases.Folds, cases.Dropped)
	}
	if c := cases.Cases[0]; c.Fold != 1 || c.Split != stage.Validation {
		t.Errorf("got fold %d, %s for study0, want fold 1, validation", c.Fold, c.Split)
	}
	mixed, err := parseSplitFile([]byte("id,split,fold\na,test,\nb,train,1\nc,train,2\nd,validation,1\n"))
	if err != nil || mixed.folds != 2 || mixed.places["a"] != (place{stage.Test, 0}) || mixed.places["c"] != (place{stage.Train, 2}) {
		t.Errorf("got %+v and %v, want a in test and two folds", mixed, err)
	}
	for text, want := range map[string]string{
		"":                               "the file is empty",
		"name,split\na,train\n":          "no column id or group",
		"id\na\n":                        "no column split or fold",
		"id,split\na,trian\n":            `line 2: the split is "trian"; want train, validation or test`,
		"id,fold\na,x\n":                 `line 2: the fold is "x"`,
		"id,fold\na,1\na,2\n":            "line 3: a was put elsewhere before",
		"id,split\na,train\n\"b,train\n": "line 3, column 10: a quote stands alone",
	} {
		if _, err := parseSplitFile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func FuzzSplitFile(f *testing.F) {
	f.Add([]byte("id,split,fold\na,test,\nb,train,1\n"))
	f.Add([]byte("study_id,fold\n1,0\n2,1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseSplitFile(data)
		if err != nil {
			return
		}
		for name, p := range file.places {
			if p.split == "" || p.fold < 0 || p.fold > file.folds {
				t.Errorf("%q: got %+v of %d folds", name, p, file.folds)
			}
		}
	})
}
