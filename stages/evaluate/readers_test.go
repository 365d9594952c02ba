package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// TestReaderPoints: scikit-learn's ROC curve where it is level with a reader, ties and weights
// included, is where ours is.
func TestReaderPoints(t *testing.T) {
	t.Parallel()
	var reference struct {
		Cases []struct {
			Label, Hundredths, Said []int
			Weights                 []float64
			Want                    map[string]float64
			Kappa, Accuracy         float64
		}
	}
	data, err := os.ReadFile("testdata/readers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &reference); err != nil {
		t.Fatal(err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	for number, c := range reference.Cases {
		var items, own []stage.Prediction
		for i, label := range c.Label {
			yes := float64(c.Hundredths[i]) / 100
			one := stage.Prediction{CaseID: fmt.Sprintf("%04d", i), Label: label, Probabilities: []float64{1 - yes, yes}}
			items = append(items, one)
			one.Probabilities = []float64{float64(1 - c.Said[i]), float64(c.Said[i])}
			own = append(own, one)
		}
		p, err := prepare([]string{"no", "yes"}, items)
		if err != nil {
			t.Fatal(err)
		}
		got := append(atReader{c.Said}.Values(p.weighted(c.Weights)), readerPoint{}.Values(p.of(own).weighted(c.Weights))...)
		for i, name := range []string{"net_sensitivity", "net_specificity", "sensitivity", "specificity"} {
			if !near(got[i], c.Want[name]) {
				t.Errorf("case %d: %s = %.12f, want %.12f", number, name, got[i], c.Want[name])
			}
		}
		truth, said := map[string]int{}, map[string]int{}
		for i, item := range items {
			truth[item.CaseID], said[item.CaseID] = item.Label, c.Said[i]
		}
		if got := agreed(p, truth, said); !near(got, c.Kappa) {
			t.Errorf("case %d: kappa = %.12f, want %.12f", number, got, c.Kappa)
		}
		if got := (Accuracy{}).Values(p.of(own))[0]; !near(got, c.Accuracy) {
			t.Errorf("case %d: accuracy = %.12f, want %.12f", number, got, c.Accuracy)
		}
	}
}

// read gives each case what readers said: a is right, b is right or silent on every second case
// and wrong on none, c reads the first cases alone and is wrong.
func read(items []stage.Prediction, names []string) []stage.Prediction {
	for i := range items {
		of := items[i].Label
		items[i].Tags = map[string]string{"a": names[of], "site": fmt.Sprint("s", i%3)}
		if i%2 == 0 {
			items[i].Tags["b"] = names[of]
		}
		if i < 200 {
			items[i].Tags["c"] = names[(of+1)%len(names)]
		}
		items[i].Group = fmt.Sprint(i / 4)
		items[i].Split = stage.Test
	}
	return items
}

// ofClasses are predictions of so many classes of the three that some has.
func ofClasses(items []stage.Prediction, k int) []stage.Prediction {
	for i, item := range items {
		items[i].Label, items[i].Probabilities = item.Label%k, normalised(item.Probabilities[:k])
	}
	return items
}

func TestReaders(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"no", "yes"}, classes} {
		items := read(ofClasses(some(400), len(names)), names)
		cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: []string{"a", "b", "c"}, Intervals: Intervals{Resamples: 200, Level: 0.95, Method: "bca", Draw: "groups"}}
		got := tellAll(t, cfg, names, items)
		table := got.tables["The net beside readers, test"]
		numbers := 4
		if len(names) > 2 {
			numbers = 3
		}
		if len(table.Rows) != 5*numbers {
			t.Fatalf("%d rows: %v", len(table.Rows), table.Rows)
		}
		for k, want := range []struct {
			name, verdict string
			cases         int
			accuracy      float64
		}{{"a", "worse", 400, 1}, {"b", "worse", 200, 1}, {"c", "better", 200, 0}, {"mean of the 3 readers", "", 400, 2. / 3}} {
			row := table.Rows[k*numbers]
			d := row[5].(stage.Estimate)
			if row[0] != want.name || row[1] != want.cases || row[2] != "Accuracy" || !(math.Abs(row[3].(float64)-want.accuracy) <= 1e-12) || want.verdict != "" && row[8] != want.verdict {
				t.Errorf("%d classes: got %v, want %+v", len(names), row, want)
			}
			if !(math.Abs(d.Value-(row[4].(float64)-row[3].(float64))) <= 1e-12) || !(d.Low <= d.Value && d.Value <= d.High) {
				t.Errorf("%d classes: difference %+v of %v and %v", len(names), d, row[3], row[4])
			}
		}
		if _, there := got.tables["By a, test"]; there {
			t.Error("a reader is a subgroup")
		}
		if _, there := got.tables["By site, test"]; !there {
			t.Error("no subgroups")
		}
		if curve, there := got.curves["Readers on the ROC curve of yes, test"]; there != (len(names) == 2) || there && (len(curve.Lines) != 4 || curve.Lines[1].X[0] != 0 || curve.Lines[1].Y[0] != 1) {
			t.Errorf("%d classes: %+v", len(names), curve)
		}
	}
}

// TestReadersLikeThese: the mean of three readers is told once more, with the spread between them; of two it is not.
func TestReadersLikeThese(t *testing.T) {
	t.Parallel()
	for _, readers := range []int{2, 3} {
		names, items := study(1, readers, 40)
		cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: names, Intervals: Intervals{Resamples: 200, Level: 0.95, Method: "bca", Draw: "groups"}}
		table := tellAll(t, cfg, []string{"no", "yes"}, items).tables["The net beside readers, test"]
		at := slices.IndexFunc(table.Rows, func(row []any) bool { return row[0] == "readers like these 3" })
		if (at < 0) != (readers == 2) || strings.Contains(table.Note, "readers like these") != (readers == 3) {
			t.Errorf("%d readers: row %d, note %q", readers, at, table.Note)
		}
		if at < 0 {
			continue
		}
		mean, like := table.Rows[at-4], table.Rows[at] // Accuracy, the first of four numbers
		these, those := mean[5].(stage.Estimate), like[5].(stage.Estimate)
		if mean[0] != "mean of the 3 readers" || mean[2] != like[2] || mean[3] != like[3] || these.Value != those.Value {
			t.Fatalf("%v and %v", mean, like)
		}
		if !(those.Low < these.Low && those.High > these.High) || !(like[6].(float64) > mean[6].(float64)) {
			t.Errorf("readers like these %v with p %v, these %v with p %v", those, like[6], these, mean[6])
		}
	}
}

// TestReaderMargin: each row says whether the net is worse by as much as would matter.
func TestReaderMargin(t *testing.T) {
	t.Parallel()
	names := []string{"no", "yes"}
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: []string{"a", "c"}, ReaderMargin: 0.05, Intervals: Intervals{Resamples: 200, Level: 0.95, Method: "bca", Draw: "groups"}}
	table := tellAll(t, cfg, names, read(ofClasses(some(400), 2), names)).tables["The net beside readers, test"]
	at := slices.Index(table.Columns, "by the margin")
	for k, want := range map[int]string{0: Inferior, 4: NonInferior} {
		row := table.Rows[k]
		if p := row[at-1].(float64); row[2] != "Accuracy" || row[at] != want || (want == NonInferior) != (p < 0.025) || want == Inferior && p < 0.975 {
			t.Errorf("%v, want %s", row, want)
		}
	}
	for _, row := range table.Rows {
		if len(row) != len(table.Columns) {
			t.Errorf("%d cells in %d columns: %v", len(row), len(table.Columns), row)
		}
	}
	if !strings.Contains(table.Note, "not worse by the margin of 0.05 (one-sided tests at 0.025, corrected)") {
		t.Errorf("the note is %q", table.Note)
	}
	cfg.Readers = nil
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "readers names none") {
		t.Errorf("a margin without readers: %v", err)
	}
}

// TestReaderKappas are over the cases that both read.
func TestReaderKappas(t *testing.T) {
	t.Parallel()
	items := read(ofClasses(some(400), 2), []string{"no", "yes"})
	p, err := prepare([]string{"no", "yes"}, items)
	if err != nil {
		t.Fatal(err)
	}
	e := evaluation{cfg: Config{Readers: []string{"a", "b", "c"}}, split: stage.Test}
	all, _ := e.readings(p, e.cfg.Intervals.clusters(p))
	m := readerKappas(p, all)
	if !reflect.DeepEqual(m.Rows, []string{"label", "the net", "a", "b", "c"}) {
		t.Fatalf("rows %v", m.Rows)
	}
	net := Kappa{Weights: "quadratic"}.Values(p)[0]
	some := Kappa{Weights: "quadratic"}.Values(p.of(slices.DeleteFunc(slices.Clone(p.Items), func(item stage.Prediction) bool { return item.Tags["b"] == "" })))[0]
	for i, want := range []float64{1, net, 1, 1, m.Values[0][4]} {
		if !near(m.Values[0][i], want) || !near(m.Values[i][0], want) {
			t.Errorf("label and %s: %v and %v, want %v", m.Rows[i], m.Values[0][i], m.Values[i][0], want)
		}
	}
	if !near(m.Values[1][3], some) || near(some, net) || !(m.Values[0][4] < -0.7) {
		t.Errorf("the net and b %v, want %v; label and c %v", m.Values[1][3], some, m.Values[0][4])
	}
	curve := readerCurve(p, all)
	for k, want := range [][2]float64{{0, 1}, {0, 1}, {1, 0}} {
		if l := curve.Lines[1+k]; l.Label != all[k].name || !slices.Equal(l.X, []float64{want[0]}) || !slices.Equal(l.Y, []float64{want[1]}) {
			t.Errorf("got %+v, want %v", l, want)
		}
	}
}

// TestReadersThatSayNothing are told, and so is what is no class.
func TestReadersThatSayNothing(t *testing.T) {
	t.Parallel()
	items := read(ofClasses(some(40), 2), []string{"no", "yes"})
	items[3].Tags["a"] = "perhaps"
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: []string{"a", "d"}}
	got := tellAll(t, cfg, []string{"no", "yes"}, items)
	for _, want := range []string{`1 cells of a are no class, such as "perhaps"`, "d says nothing of these cases"} {
		if !strings.Contains(got.events, want) {
			t.Errorf("no %q in %s", want, got.events)
		}
	}
	if rows := got.tables["The net beside readers, test"].Rows; len(rows) != 4 || rows[0][1] != 39 || rows[0][8] != "" {
		t.Errorf("rows %v", rows)
	}
}

// TestReadersOfFewGroups: a reader is as sure as the groups that he read, not as all there are;
// of too few nothing is said, nor of a mean with them.
func TestReadersOfFewGroups(t *testing.T) {
	t.Parallel()
	items := read(ofClasses(some(400), 2), []string{"no", "yes"}) // 100 groups of 4
	for i := range items {
		if i < 28 {
			items[i].Tags["seven"] = items[i].Tags["a"]
		}
		if i < 32 {
			items[i].Tags["eight"] = items[i].Tags["a"]
		}
		if i < 36 {
			items[i].Tags["nine"] = items[i].Tags["a"]
		}
	}
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: []string{"seven", "nine"}, Intervals: Intervals{Resamples: 400, Level: 0.95, Method: "bca", Draw: "groups"}}
	got := tellAll(t, cfg, []string{"no", "yes"}, items)
	if want := "seven read cases of too few groups (7) to say how sure"; !strings.Contains(got.events, want) || strings.Contains(got.events, "nine read") {
		t.Errorf("no %q in %s", want, got.events)
	}
	rows := got.tables["The net beside readers, test"].Rows
	for k, certain := range []bool{false, true, false} {
		row := rows[4*k]
		p, is := row[6].(float64)
		if _, drawn := row[5].(stage.Estimate); drawn != certain || is && math.IsNaN(p) == certain || (row[8] != "") != certain {
			t.Errorf("row %v, of groups enough: %v", row, certain)
		}
	}
	cfg.Readers = []string{"nine"}
	narrow := tellAll(t, cfg, []string{"no", "yes"}, items).tables["The net beside readers, test"].Rows[0][5].(stage.Estimate)
	alone := tellAll(t, cfg, []string{"no", "yes"}, items[:36]).tables["The net beside readers, test"].Rows[0][5].(stage.Estimate)
	seven, eight, whole := samplesOf(t, cfg, items, "seven"), samplesOf(t, cfg, items, "eight"), samplesOf(t, cfg, items, "a")
	if seven.Replicates != nil || eight.Clusters != 8 || whole.Clusters != 100 || len(eight.Replicates) != 400 {
		t.Errorf("%d replicates of 7 groups; %d of %d groups, where 8 were read, and of %d, where all were", len(seven.Replicates), len(eight.Replicates), eight.Clusters, whole.Clusters)
	}
	if wide := (narrow.High - narrow.Low) / (alone.High - alone.Low); !(math.Abs(wide-1) <= 0.15) {
		t.Errorf("beside other cases the interval is %.2f times as wide: %+v, %+v", wide, narrow, alone)
	}
}

// samplesOf are the draws of the first number of one reader.
func samplesOf(t *testing.T, cfg Config, items []stage.Prediction, reader string) statistics.Sample {
	t.Helper()
	cfg.Readers = []string{reader}
	p, err := prepare([]string{"no", "yes"}, items)
	if err != nil {
		t.Fatal(err)
	}
	e := evaluation{cfg: cfg, split: stage.Test}
	plan := cfg.Intervals.plan(e.env, "readers", p)
	all, _ := e.readings(p, plan.Clusters)
	samples, err := e.readerSamples(t.Context(), cfg.Intervals.ofDifferences(), plan, all)
	if err != nil {
		t.Fatal(err)
	}
	return samples[0]
}

// TestReadersFit: what check says before anything is trained.
func TestReadersFit(t *testing.T) {
	t.Parallel()
	cases := []stage.Case{
		{ID: "1", Split: stage.Test, Tags: map[string]string{"a": "yes", "b": "maybe"}},
		{ID: "2", Split: stage.Train, Tags: map[string]string{"a": "nonsense"}},
	}
	asked := stage.Questions{Classes: []string{"no", "yes"}}
	for reader, want := range map[string]string{"a": "", "b": `b holds "maybe", which no class is called`, "c": `no case has the tag "c"`} {
		got := Config{Readers: []string{reader}}.ReadersFit(asked, cases)
		if (want == "") != (len(got) == 0) || want != "" && (got[0].Text != want || got[0].Path != "readers.0") {
			t.Errorf("%s: got %+v, want %q", reader, got, want)
		}
	}
	asked.Targets = []string{"mass", "edema"}
	if got := (Config{Readers: []string{"a"}}).ReadersFit(asked, cases); len(got) != 1 || !strings.Contains(got[0].Text, "several questions") {
		t.Errorf("got %+v", got)
	}
	if got := shortList([]string{"a", "b", "c", "d", "e"}); got != `"a", "b", "c" and 2 more` {
		t.Errorf("got %s", got)
	}
}

// study simulates readers of patients with five cases each, of two classes: what makes a patient hard is
// the same for readers and net, and readers differ in skill. The net is as good as the mean of all readers
// that there are.
func study(number, readers, patients int) (names []string, items []stage.Prediction) {
	r := stage.Rand(5, "reader study", number)
	skill := make([]float64, readers)
	for j := range skill {
		skill[j] = 0.3 * r.NormFloat64()
		names = append(names, fmt.Sprintf("dr_%d", j))
	}
	for patient := range patients {
		hard := 0.5 * r.NormFloat64()
		for k := range 5 {
			label, tags := r.IntN(2), map[string]string{}
			says := func(skill float64) int { // the right class, where it is seen
				if 1+hard+skill+r.NormFloat64() < 0 {
					return 1 - label
				}
				return label
			}
			for j, name := range names {
				tags[name] = []string{"no", "yes"}[says(skill[j])]
			}
			yes := 0.1 + 0.8*float64(says(0.3*r.NormFloat64()))
			items = append(items, stage.Prediction{CaseID: fmt.Sprintf("%03d_%d", patient, k), Group: fmt.Sprint(patient), Split: stage.Test, Label: label, Probabilities: []float64{1 - yes, yes}, Tags: tags})
		}
	}
	return names, items
}

// BenchmarkErrorsOfReaders: how often a net that is as good as all readers are in the mean is told from some
// of them, and from readers like them, which 5 % of studies are meant to be.
func BenchmarkErrorsOfReaders(b *testing.B) {
	const studies = 1000
	for _, readers := range []int{3, 5, 10} {
		b.Run(fmt.Sprint(readers, " readers"), func(b *testing.B) {
			for range b.N {
				var these, like float64
				for number := range studies {
					names, items := study(number, readers, 40)
					cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Readers: names, Intervals: Intervals{Resamples: 300, Level: 0.95, Method: "bca", Draw: "groups"}}
					for _, row := range tellAll(b, cfg, []string{"no", "yes"}, items).tables["The net beside readers, test"].Rows {
						found := row[2] == "Accuracy" && row[6].(float64) < 0.05
						if of := row[0].(string); found && strings.HasPrefix(of, "mean of") {
							these += 100. / studies
						} else if found && strings.HasPrefix(of, "readers like") {
							like += 100. / studies
						}
					}
				}
				b.ReportMetric(these, "%these")
				b.ReportMetric(like, "%like")
			}
		})
	}
}
