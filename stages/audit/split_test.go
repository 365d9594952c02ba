package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// population makes studies whose severities are alike within a study, at about
// the shares of the RSNA collection: 77, 16 and 6 %.
func population(studies, rows int) []stage.Case {
	var cases []stage.Case
	for s := range studies {
		r := stage.Rand(5, "population", s)
		bad := 0.35 * r.Float64() * r.Float64() * 3
		for i := range rows {
			label := 0
			if u := r.Float64(); u < bad/4 {
				label = 2
			} else if u < bad {
				label = 1
			}
			group := fmt.Sprint("study", s)
			cases = append(cases, stage.Case{ID: fmt.Sprint(group, "_", i), Group: group, Image: fmt.Sprint(group, "/", i/3), Label: label})
		}
	}
	return cases
}

var ordinary = Split{By: "study", Stratify: []string{"label"}, Validation: 0.2, Test: 0.1}

// TestSplitKeepsShares wants every class near its share in every split.
func TestSplitKeepsShares(t *testing.T) {
	t.Parallel()
	for _, studies := range []int{40, 300, 1975} {
		cases := population(studies, 25)
		if err := ordinary.assign(3, cases, nil); err != nil {
			t.Fatal(err)
		}
		totals, got := [3]float64{}, map[stage.Split]*[3]float64{stage.Train: {}, stage.Validation: {}, stage.Test: {}}
		for _, c := range cases {
			totals[c.Label]++
			got[c.Split][c.Label]++
		}
		for split, counts := range got {
			for class, n := range counts {
				want := ordinary.share(split) * totals[class]
				if tolerance := 3 + 0.01*want + 100/float64(studies); !(math.Abs(n-want) <= tolerance) {
					t.Errorf("%d studies: got %v cases of class %d in %s, want about %v", studies, n, class, split, want)
				}
			}
		}
		if _, err := checkLeaks(Cases{Cases: cases}, ordinary, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestSplitDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	a, b, c := population(60, 25), population(60, 25), population(60, 25)
	slices.Reverse(b)
	for i, cases := range [][]stage.Case{a, b, c} {
		if err := ordinary.assign(uint64(7+i/2), cases, nil); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(b)
	moved := 0
	for i := range a {
		if a[i].Split != b[i].Split {
			t.Fatalf("%s: got %s and, with the rows reversed, %s", a[i].ID, a[i].Split, b[i].Split)
		}
		if a[i].Split != c[i].Split {
			moved++
		}
	}
	if moved < len(a)/10 {
		t.Errorf("got %d of %d cases moved by another seed, want many", moved, len(a))
	}
}

func TestSplitWithoutStrata(t *testing.T) {
	t.Parallel()
	cases := population(100, 10)
	if err := (Split{By: "study", Validation: 0.25}).assign(1, cases, nil); err != nil {
		t.Fatal(err)
	}
	counts := map[stage.Split]int{}
	for _, c := range cases {
		counts[c.Split]++
	}
	if counts[stage.Train] != 750 || counts[stage.Validation] != 250 || counts[stage.Test] != 0 {
		t.Errorf("got %v, want 750 for training and 250 for validation", counts)
	}
	groups, _ := Split{By: "study"}.groups(cases, nil)
	for _, g := range groups {
		if !slices.Equal(g.Counts, []float64{10}) {
			t.Errorf("%s: got the counts %v, want all 10 cases as one stratum", g.Name, g.Counts)
		}
	}
}

func TestSplitNeedsGroups(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		studies int
		split   Split
		want    string
	}{
		{2, ordinary, "too few studies: there are 2, and they cannot fill 3 splits"},
		{3, Split{By: "study", Validation: 0.01}, "the validation split gets none at a share of 0.01"},
		{3, Split{By: "patient", Stratify: []string{"label"}, Validation: 0.2}, "the image files tell no patients apart"},
	} {
		err := test.split.assign(1, population(test.studies, 25), nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// TestSplitFillsSmallShares wants one of seven studies, though a tenth of them
// is less than one, whatever the seed.
func TestSplitFillsSmallShares(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		cases := population(7, 25)
		if err := ordinary.assign(seed, cases, nil); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// TestSplitByPatient keeps two studies of one patient together, and without it
// tells of patients in two splits.
func TestSplitByPatient(t *testing.T) {
	t.Parallel()
	patients := map[string]string{}
	for s := range 40 {
		patients[fmt.Sprint("study", s)] = fmt.Sprint("p", s/2)
	}
	groups := "studies"
	torn := func(by string) leak {
		cases := population(40, 25)
		split := ordinary
		split.By = by
		if err := split.assign(1, cases, patients); err != nil {
			t.Fatal(err)
		}
		l, err := checkLeaks(Cases{Cases: cases, groups: groups}, split, patients)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if l := torn("patient"); len(l.findings) != 0 || strings.Contains(l.fact, "are:") {
		t.Errorf("got %v when split by patient, want no finding", l)
	}
	if l := torn("study"); len(l.findings) != 1 || !strings.Contains(l.fact, "patients are: p") {
		t.Errorf("got %v when split by study, want patients in two splits", l)
	} else if got := l.findings[0].Reason; !strings.Contains(got, "set data.split.by to patient") {
		t.Errorf("the advice is %q", got)
	}
	groups = "patients" // of the table, which by: patient keeps together already
	if got := torn("study").findings[0].Reason; !strings.Contains(got, "correct the table's patients") || strings.Contains(got, "data.split.by") {
		t.Errorf("of a table with patients the advice is %q", got)
	}
}

func TestLeaksAreErrors(t *testing.T) {
	t.Parallel()
	a := stage.Case{Group: "1", Image: "x.dcm", Split: stage.Train}
	for _, test := range []struct {
		b    stage.Case
		want string
	}{
		{stage.Case{Group: "1", Image: "y.dcm", Split: stage.Test}, "leak: study 1 is in two splits"},
		{stage.Case{Group: "2", Image: "x.dcm", Split: stage.Validation}, "leak: image x.dcm is in two splits"},
	} {
		if _, err := checkLeaks(Cases{Cases: []stage.Case{a, test.b}}, ordinary, nil); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// TestPatients drops ids that tell nothing.
func TestPatients(t *testing.T) {
	t.Parallel()
	cases := []stage.Case{{Group: "1", Image: "a"}, {Group: "2", Image: "b"}, {Group: "2", Image: "c"}}
	of := func(ids ...string) map[string]string {
		h := headers.ByPath{}
		for i, image := range []string{"a", "b", "c"} {
			h[image] = &headers.Header{PatientID: ids[i]}
		}
		return patientsOf(h, cases)
	}
	if got := of("anonymous", "anonymous", "anonymous"); got != nil {
		t.Errorf("got %v for one id, want nil", got)
	}
	if got := of("", "", ""); got != nil {
		t.Errorf("got %v without ids, want nil", got)
	}
	if got := of("p", "r", "q"); got["1"] != "p" || got["2"] != "q" {
		t.Errorf("got %v, want p and the smaller of q and r", got)
	}
}

// TestShare counts by hand: image a has labels 0, 0, 1; image b 2; image c 1, 1.
func TestShare(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for _, c := range []struct {
		image string
		label int
	}{{"a", 0}, {"a", 0}, {"a", 1}, {"b", 2}, {"c", 1}, {"c", 1}} {
		cases = append(cases, stage.Case{Image: c.image, Label: c.label})
	}
	got := share(cases)
	if got.Images != 3 || got.Shared != 5.0/6 || got.Conflicting != 0.5 || got.Ceiling != 5.0/6 {
		t.Errorf("got %+v, want 3 images, 5/6 shared, 1/2 conflicting, ceiling 5/6", got)
	}
}

// TestConflictingLabels names the cases of an image that shows two labels.
func TestConflictingLabels(t *testing.T) {
	t.Parallel()
	v := newView(Cases{Cases: []stage.Case{
		{ID: "1", Image: "a", Label: 0}, {ID: "2", Image: "a", Label: 1},
		{ID: "3", Image: "b", Label: 2}, {ID: "4", Image: "b", Label: 2},
	}}, Found{}, nil)
	hits := rules["conflicting_labels"].find(v)
	if len(hits) != 2 || hits[0].id != "1" || hits[1].id != "2" {
		t.Errorf("got %+v, want cases 1 and 2", hits)
	}
}

// TestEverythingTorn: of a row-level split the fact tells what lies on two sides, and promises nothing.
func TestEverythingTorn(t *testing.T) {
	t.Parallel()
	byRow, cases := ordinary, []stage.Case{{ID: "1", Group: "g", Image: "x.dcm", Split: stage.Train}, {ID: "2", Group: "g", Image: "x.dcm", Split: stage.Test}}
	byRow.By = rowByRow
	l, err := checkLeaks(Cases{Cases: cases}, byRow, map[string]string{"g": "p"})
	if want := "of one group resemble each other. in two splits 1 groups are: g; 1 images are: x.dcm; 1 patients are: p"; err != nil || len(l.findings) != 3 || !strings.HasSuffix(l.fact, want) {
		t.Errorf("got %q, %d findings, %v; want %q", l.fact, len(l.findings), err, want)
	}
	cases[1] = stage.Case{ID: "2", Group: "h", Image: "y.dcm", Split: stage.Test}
	if l, err = checkLeaks(Cases{Cases: cases}, byRow, nil); err != nil || len(l.findings) != 0 || !strings.HasSuffix(l.fact, "no group, no image is in two splits; the files' PatientID tells no patients apart") {
		t.Errorf("got %q, %d findings, %v", l.fact, len(l.findings), err)
	}
}

// TestRepeatedRows: a row that differs in anything but its id is another one.
func TestRepeatedRows(t *testing.T) {
	t.Parallel()
	at := func(x float64) *stage.Point { return &stage.Point{X: x, Y: 1} }
	v := newView(Cases{Cases: []stage.Case{
		{ID: "1", Image: "a"}, {ID: "2", Image: "a", Label: 1}, {ID: "3", Image: "b"},
		{ID: "4", Image: "a", Point: at(1)}, {ID: "5", Image: "a", Point: at(2)}, {ID: "6", Image: "a", Point: at(0)}, {ID: "7", Image: "a", Point: at(2)},
		{ID: "8", Image: "b", Tags: map[string]string{"side": "left"}}, {ID: "9", Image: "b", Tags: map[string]string{"side": "right"}}, {ID: "10", Image: "b", Tags: map[string]string{"side": "left"}},
	}}, Found{}, nil)
	var got []string
	for _, h := range repeatedRows(v) {
		got = append(got, h.id+" "+h.detail)
	}
	if want := []string{"7 equal to 5", "10 equal to 8"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSeveralInASeries: what differs between the slices of a series is told with its values.
func TestSeveralInASeries(t *testing.T) {
	t.Parallel()
	series := func(heads ...*headers.Header) *view {
		v := newView(Cases{Series: map[string]Series{"s": {}}}, Found{}, nil)
		v.scans = map[string]scan{"s": {heads: heads}}
		return v
	}
	odd := series(&headers.Header{Columns: 9, Rows: 8, PixelSpacing: []float64{0.5, 0.5}, SeriesUID: "1.2"}, &headers.Header{Columns: 9, Rows: 8, PixelSpacing: []float64{0.5, 0.5}, SeriesUID: "1.2"}, &headers.Header{Columns: 8, Rows: 9, PixelSpacing: []float64{0.5, 0.7}, SeriesUID: "1.3"})
	for id, want := range map[string]string{"mixed_sizes": "s has 8×9, 9×8", "mixed_spacing": "s has [0.5 0.5], [0.5 0.7]", "several_uids": "s has 1.2, 1.3"} {
		if hits := rules[id].find(odd); len(hits) != 1 || hits[0].id != "s" || hits[0].detail != want {
			t.Errorf("%s: got %+v, want %q", id, hits, want)
		}
		for _, v := range []*view{series(), series(odd.scans["s"].heads[:2]...), series(&headers.Header{PixelSpacing: []float64{0.5, 0.5}}, &headers.Header{PixelSpacing: []float64{0.5, 0.50004}})} {
			if hits := rules[id].find(v); len(hits) != 0 {
				t.Errorf("%s: got %+v", id, hits)
			}
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	cases := population(1975, 25)
	for b.Loop() {
		if err := ordinary.assign(1, cases, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// inColumn makes 24 cases of 12 studies whose column has the values, in turn by study.
func inColumn(values ...string) *Cases {
	c := &Cases{Classes: []string{"no", "yes"}}
	for i := range 24 {
		study := i / 2
		c.Cases = append(c.Cases, stage.Case{ID: fmt.Sprintf("%02d", i), Image: fmt.Sprintf("%02d", i), Group: fmt.Sprintf("s%02d", study),
			Label: study % 2, Tags: map[string]string{"part": values[study%len(values)]}})
	}
	return c
}

// TestSplitInColumn: a column of the cases fixes what it names; the rest is dealt.
func TestSplitInColumn(t *testing.T) {
	t.Parallel()
	count := func(c *Cases) (counts [3]int, folds map[int]int) {
		folds = map[int]int{}
		for _, one := range c.Cases {
			counts[slices.Index([]stage.Split{stage.Train, stage.Validation, stage.Test}, one.Split)]++
			if one.Split != stage.Test {
				folds[one.Fold]++
			}
		}
		return counts, folds
	}
	for name, test := range map[string]struct {
		values []string
		split  Split
		counts [3]int
		folds  int
	}{
		"all three":       {[]string{"train", "Val", "TEST"}, Split{Validation: 0.2}, [3]int{8, 8, 8}, 0},
		"no validation":   {[]string{"train", "train", "train", "train", "test", "train"}, Split{Validation: 0.2}, [3]int{16, 4, 4}, 0},
		"none wanted":     {[]string{"train", "train", "test"}, Split{}, [3]int{16, 0, 8}, 0},
		"folds dealt":     {[]string{"train", "train", "test"}, Split{Folds: 4}, [3]int{12, 4, 8}, 4},
		"folds from 0":    {[]string{"0", "1", "2", "test"}, Split{Validation: 0.2}, [3]int{12, 6, 6}, 3},
		"folds, as float": {[]string{"1.0", "2.0"}, Split{}, [3]int{12, 12, 0}, 2},
		"some without":    {[]string{"train", "val", ""}, Split{}, [3]int{8, 8, 0}, 0},
	} {
		c := inColumn(test.values...)
		test.split.By, test.split.Column = "study", "part"
		if err := test.split.put(c, nil, nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		counts, folds := count(c)
		if counts != test.counts || c.Folds != test.folds || test.folds > 0 && len(folds) != test.folds {
			t.Errorf("%s: got %v and %d folds, %v; want %v and %d", name, counts, c.Folds, folds, test.counts, test.folds)
		}
		if split := torn(c.Cases, func(c stage.Case) string { return c.Group }); split != nil {
			t.Errorf("%s: studies %q are in two splits", name, split)
		}
		if (name == "some without") != (len(c.Dropped) == 1) {
			t.Errorf("%s: got %v", name, c.Dropped)
		}
	}
}

// TestSplitInColumnMistakes names the setting and the value.
func TestSplitInColumnMistakes(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct {
		values []string
		split  Split
	}{
		`data.split.column: part of 02 is "no", which is no split`:    {[]string{"train", "no"}, Split{Column: "part"}},
		`data.split.column: part has both "train" and "2"`:            {[]string{"train", "2"}, Split{Column: "part"}},
		`data.split.column: case 00 has no "parts"`:                   {[]string{"train"}, Split{Column: "parts"}},
		`data.split.column: part leaves no cases for training; 24 of`: {[]string{"test"}, Split{Column: "part"}},
		`data.split.folds: part says already what validates`:          {[]string{"train", "val"}, Split{Column: "part", Folds: 5}},
	} {
		if err := test.split.put(inColumn(test.values...), nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	differ := inColumn("train", "test")
	delete(differ.Cases[3].Tags, "part") // as where the rows of a series say both
	if err := (Split{Column: "part"}).put(differ, nil, nil); err == nil || !strings.Contains(err.Error(), "one sample of several rows has a column only where all of them say the same") {
		t.Errorf("got %v", err)
	}
	if err := (Split{By: "study", File: "a.csv", Column: "part"}).Validate(); err == nil {
		t.Error("a file and a column were both taken")
	}
}
