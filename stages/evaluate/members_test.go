package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// held is a member with three studies of two cases each: one of validation, two of test.
func held(name string) Member {
	m := Member{Contestant: Contestant{ID: name, Classes: []string{"no", "yes"}}, Given: "data", By: "study"}
	for i, split := range []stage.Split{stage.Validation, stage.Test, stage.Test} {
		for k := range 2 {
			m.Predictions = append(m.Predictions, stage.Prediction{CaseID: fmt.Sprintf("%d_%d", i, k), Group: fmt.Sprint(i),
				Split: split, Label: k, Probabilities: []float64{0.5, 0.5}, Tags: map[string]string{"level": "l1"}})
		}
	}
	return m
}

func (m Member) without(cases ...string) Member {
	m.Predictions = slices.DeleteFunc(slices.Clone(m.Predictions), func(p stage.Prediction) bool { return slices.Contains(cases, p.CaseID) })
	return m
}

func (m Member) changed(id string, change func(*stage.Prediction)) Member {
	m.Predictions = slices.Clone(m.Predictions)
	for i := range m.Predictions {
		if p := &m.Predictions[i]; p.CaseID == id {
			p.Tags = maps.Clone(p.Tags)
			change(p)
		}
	}
	return m
}

func (m Member) given(what, by string) Member {
	m.Given, m.By = what, by
	return m
}

// TestJoinRefuses: each member beside one that is all right.
func TestJoinRefuses(t *testing.T) {
	t.Parallel()
	classes := held("b")
	classes.Classes = []string{"yes", "no"}
	for want, m := range map[string]Member{
		"the classes of b are": classes,
		"b has no predictions": held("b").without("0_0", "0_1", "1_0", "1_1", "2_0", "2_1"),
		"of the 4 cases of the test split of a, 1 are in another split or fold of b, such as 1_0":       held("b").changed("1_0", func(p *stage.Prediction) { p.Split = stage.Validation }),
		"of the 2 cases of the validation split of a, 1 are in another split or fold of b, such as 0_1": held("b").changed("0_1", func(p *stage.Prediction) { p.Tags[stage.FoldTag] = "2" }),
		"case 2_1 is yes in a and no in b":                 held("b").changed("2_1", func(p *stage.Prediction) { p.Label = 0 }),
		`case 2_1 answers target "" in a and "edema" in b`: held("b").changed("2_1", func(p *stage.Prediction) { p.Tags[stage.TargetTag] = "edema" }),
		`case 2_1 is of "2" in a and of "9" in b`:          held("b").changed("2_1", func(p *stage.Prediction) { p.Group = "9" }),
		"of the 4 cases of the test split of a, b may have been trained on 2, such as 2_0 (it predicted neither these nor others of their study)": held("b").without("2_0", "2_1").given("other", "study"),
		"a was split by study, b by row": held("b").given("other", "row"),
	} {
		_, err := Join([]Member{held("a"), m})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := Join([]Member{m, held("a")}); err == nil {
			t.Errorf("the other way round, nothing is refused: %s", want)
		}
	}
	rows := held("a").given("data", "row")
	if _, err := Join([]Member{rows, held("b").without("2_0").given("other", "row")}); err == nil || !strings.Contains(err.Error(), "b may have been trained on 1, such as 2_0 (it predicted neither these nor others of their group)") {
		t.Errorf("split by row: got %v", err)
	}
}

// TestJoinDropped: what a member dropped is left out, and counted.
func TestJoinDropped(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Member{
		"the same data, a whole study":    held("b").without("2_0", "2_1", "0_1"),
		"other data, others of the study": held("b").without("2_0", "1_1", "0_1").given("other", "study"),
	} {
		j, err := Join([]Member{held("a"), m, held("c")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(j.Items) != 3 || len(j.Items[0]) != 3 || len(j.Of(stage.Validation)[1]) != 1 || len(j.Of(stage.Test)[2]) != 2 {
			t.Errorf("%s: got %+v", name, j.Items)
		}
		for m := range j.Items {
			for i, item := range j.Items[m] {
				if item.CaseID != j.Items[0][i].CaseID {
					t.Errorf("%s: member %d has %s where the first has %s", name, m, item.CaseID, j.Items[0][i].CaseID)
				}
			}
		}
		want := []Remark{{"1 of 2 cases of the validation split are left out, since not all runs predicted them; b dropped 1", true},
			{"2 of 4 cases of the test split are left out, since not all runs predicted them; b dropped 2", true}}
		if !slices.Equal(j.Remarks, want) {
			t.Errorf("%s: got %v, want %v", name, j.Remarks, want)
		}
	}
}

// TestJoinFolds: validation is out of fold, and the test split is that of all folds.
func TestJoinFolds(t *testing.T) {
	t.Parallel()
	folded := func(name string) Member {
		m := held(name)
		for i, p := range m.Predictions {
			number := 1 + i%2
			if p.Split == stage.Test {
				m.Predictions = append(m.Predictions, stage.Fold{Number: number, Of: 2}.Prediction(p))
				continue
			}
			m.Predictions[i] = stage.Fold{Number: number, Of: 2}.Prediction(p)
		}
		return m
	}
	j, err := Join([]Member{folded("a"), folded("b")})
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Items[0]) != 6 || j.Items[1][1].Tags[stage.FoldTag] != "2" || j.Items[0][2].Tags[stage.FoldTag] != "" {
		t.Errorf("got %+v", j.Items)
	}
	if _, err := Join([]Member{folded("a"), held("b")}); err == nil || !strings.Contains(err.Error(), "of the 2 cases of the validation split of a, 2 are in another split or fold of b") {
		t.Errorf("with a run that has no folds: got %v", err)
	}
}

// TestTrainingCases: the cases that are made of what is stored give the baselines that the
// cases gave.
func TestTrainingCases(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for i := range 90 {
		cases = append(cases, stage.Case{ID: fmt.Sprint(i), Split: stage.Splits[i%3], Label: i * i % 7 % 3, Group: fmt.Sprint(i),
			Tags: map[string]string{"level": fmt.Sprint("l", i%4), "condition": "canal", "scanner": fmt.Sprint(i % 5)}})
	}
	records, err := trainingFact(3, cases)
	if err != nil || len(records) != 1 {
		t.Fatalf("got %v, %v", records, err)
	}
	again, err := TrainingCases(records[0].(stage.Fact).Value, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := countPriors(3, cases)
	got, known := countPriors(3, again)
	if fmt.Sprint(got) != fmt.Sprint(want) || !known || len(again) != 30 {
		t.Errorf("got %v of %d cases, want %v", got, len(again), want)
	}
	if _, err := TrainingCases("[{", nil); err == nil {
		t.Error("a broken fact is no error")
	}
	folded, items := crossValidated()
	again, err = TrainingCases("", items)
	if err != nil || len(again) != 4 || again[3].Fold != folded[3].Fold || again[3].Label != folded[3].Label {
		t.Errorf("of folds: got %+v, %v", again, err)
	}
}

// TestRejoined: runs of single folds are as one run of all folds.
func TestRejoined(t *testing.T) {
	t.Parallel()
	fold := func(name string, number int, leave string) FoldRun {
		m := held(name).without(leave+"_0", leave+"_1").given(name, "study")
		for i := range m.Predictions {
			p := &m.Predictions[i]
			p.Split = stage.Test
			if p.Group == fmt.Sprint(number) {
				p.Split = stage.Validation
			}
			if p.Label == 1 {
				p.Probabilities = []float64{0.1 * float64(number), 1 - 0.1*float64(number)}
			}
		}
		return FoldRun{Member: m, Fold: number}
	}
	one, two := fold("a", 0, "1"), fold("b", 1, "0") // 2 is the test split
	one.Fold, two.Fold = 1, 2
	got, remarks, err := Rejoined([]FoldRun{one, two})
	if err != nil || remarks != nil {
		t.Fatalf("got %v, %v", remarks, err)
	}
	j, err := Join([]Member{got})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, item := range j.Items[0] {
		said = append(said, fmt.Sprintf("%s %s %s %.2f", item.CaseID, item.Split, item.Tags[stage.FoldTag], item.Probabilities[1]))
	}
	want := []string{"0_0 validation 1 0.50", "0_1 validation 1 1.00", "1_0 validation 2 0.50", "1_1 validation 2 0.90", "2_0 test  0.50", "2_1 test  0.95"}
	if !slices.Equal(said, want) || got.ID != "a, b" {
		t.Errorf("%s: got %q, want %q", got.ID, said, want)
	}
	for want, other := range map[string]FoldRun{
		"both a and c validate on case 0_0": {Member: fold("c", 0, "1").Member, Fold: 2},
		"which is of the test split of c":   {Member: fold("c", 1, "2").Member, Fold: 2},
		"c has no predictions":              {Member: fold("c", 1, "2").without("0_0", "0_1"), Fold: 2},
	} {
		if _, _, err := Rejoined([]FoldRun{one, other}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
