package evaluate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestTargetsAreSubgroups: whatever subgroups are asked for, and however many there
// are; a tag that says the same is left out unless it is asked for.
func TestTargetsAreSubgroups(t *testing.T) {
	t.Parallel()
	p := averaged(t, answers, findings(60, 2))
	for _, c := range []struct{ asked, want []string }{
		{nil, []string{"target", "sex"}}, {[]string{"sex", "target"}, []string{"target", "sex"}}, {[]string{"condition"}, []string{"target", "condition"}},
	} {
		if got := (evaluation{cfg: Config{Subgroups: c.asked}}).tags(p); !slices.Equal(got, c.want) {
			t.Errorf("asked for %q: got %q, want %q", c.asked, got, c.want)
		}
	}
	cfg := Config{AverageOver: stage.TargetTag, Subgroups: []string{"sex"}, Metrics: []registry.One[Metric]{{Name: "accuracy", Part: Accuracy{}}}}
	r, err := evaluation{cfg: cfg}.subgroups(t.Context(), p)
	if err != nil || len(r.Tables) != 2 {
		t.Fatalf("got %+v, %v", r, err)
	}
	mean := 0.0
	for _, row := range r.Tables[0].Rows {
		mean += row[4].(float64) / 5
	}
	if got := p.values(Accuracy{})[0]; !near(got, mean) {
		t.Errorf("the mean of the rows is %v, the number %v", mean, got)
	}
	women := averaged(t, answers, p.by("sex")["f"])
	if got, want := r.Tables[1].Rows[0][4], women.values(Accuracy{})[0]; got != want {
		t.Errorf("by sex: got %v, want the mean over the findings %v", got, want)
	}
	if want := "the numbers of the split are the means over these rows; of all cases together: Loss"; r.Tables[0].Note != want || r.Tables[1].Note != "" {
		t.Errorf("got notes %q and %q", r.Tables[0].Note, r.Tables[1].Note)
	}
}

// TestCompareTargets: a net that is better at one finding of five is better by a fifth
// of that.
func TestCompareTargets(t *testing.T) {
	t.Parallel()
	a, b := findings(200, 2), findings(200, 2)
	gained, all := 0.0, 0.0
	for i := range b {
		if b[i].Tags[stage.TargetTag] != "finding 1" {
			continue
		}
		all++
		if largest(b[i].Probabilities) != b[i].Label {
			gained++
		}
		b[i].Probabilities = []float64{0.2, 0.2}
		b[i].Probabilities[b[i].Label] = 0.8
	}
	q := Question{Split: stage.Validation, Primary: "accuracy", Metrics: only("accuracy")}
	q.Metrics.AverageOver, q.Metrics.Intervals = stage.TargetTag, Intervals{Resamples: 200, Level: 0.95, Draw: "groups"}
	for name, items := range map[string][]stage.Prediction{"a": a, "b": b} {
		q.Contender = append(q.Contender, Contender{name, []Contestant{{ID: name, Classes: answers, Predictions: items}}})
	}
	slices.SortFunc(q.Contender, func(x, y Contender) int { return strings.Compare(x.Name, y.Name) })
	c, err := Compare(t.Context(), stage.Env{Workers: 2}, q)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Pairs[0].Primary; !near(d.Value, gained/all/5) || d.Verdict != "better" {
		t.Errorf("got %v (%s), want %v", d.Value, d.Verdict, gained/all/5)
	}
	s, err := Select(t.Context(), stage.Env{}, q)
	if err != nil || s.Best != "b" || !near(s.Apparent, c.Pairs[0].Primary.B) {
		t.Errorf("selected %+v, %v", s, err)
	}
}

// TestFoldsOfTargets: the numbers of a fold, and those of all folds together, are means
// over the targets.
func TestFoldsOfTargets(t *testing.T) {
	t.Parallel()
	cfg := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{{Name: "brier", Part: Brier{}}}}
	all := findings(60, 2)
	var items, first []stage.Prediction
	for i, item := range all {
		fold := 1 + i*2/len(all)
		if fold == 1 {
			first = append(first, item)
		}
		items = append(items, stage.Fold{Number: fold, Of: 2}.Prediction(item))
	}
	l := &ledger{scalars: map[string]float64{}, tables: map[string]stage.Table{}}
	if err := Run(t.Context(), stage.Env{Recorder: l}, cfg, answers, nil, items); err != nil {
		t.Fatal(err)
	}
	for series, of := range map[string][]stage.Prediction{"validation": all, "validation fold 1": first} {
		want := averaged(t, answers, of).values(Brier{})[0]
		pooled := (Brier{}).Values(averaged(t, answers, of))[0]
		if got := l.scalars[series+" brier"]; got != want || got == pooled {
			t.Errorf("%s: got %v, want %v (%v of all cases together)", series, got, want, pooled)
		}
	}
}

// TestFlipsByTarget are counted however many targets there are.
func TestFlipsByTarget(t *testing.T) {
	t.Parallel()
	items := findings(30, 2)
	for i := range items {
		items[i].Tags = map[string]string{stage.TargetTag: fmt.Sprint(i % 25), "file": fmt.Sprint(i)}
	}
	p := averaged(t, answers, items)
	f := flips([]Predictions{p}, []Predictions{p})
	if len(f.ByTag[stage.TargetTag]) != 25 || f.ByTag["file"] != nil {
		t.Errorf("got %v", f.ByTag)
	}
}
