package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

var inTurn = Split{By: "study", Stratify: []string{"label"}, Validation: 0.15, Folds: 5, Rotate: rotateTest, TrainSize: 1, Seed: 3}

// TestTestInTurn wants every case tested exactly once, no study in two splits of any fold, and each
// fold's validation cases to be about the share of all that was asked for, of each class.
func TestTestInTurn(t *testing.T) {
	t.Parallel()
	c := Cases{Classes: []string{"a", "b", "c"}, Cases: population(300, 25)}
	if err := c.divide(Config{Split: inTurn}, nil); err != nil {
		t.Fatal(err)
	}
	tests, total, sets := map[string]int{}, [3]float64{}, map[string]bool{}
	for _, one := range c.Cases {
		total[one.Label]++
	}
	for fold := 1; fold <= 5; fold++ {
		seen := c.InFold(fold)
		where, counts, validates := map[string]stage.Split{}, map[stage.Split]*[3]float64{stage.Train: {}, stage.Validation: {}, stage.Test: {}}, ""
		for _, one := range seen.Cases {
			if before, known := where[one.Group]; known && before != one.Split {
				t.Fatalf("fold %d: study %s is in %s and in %s", fold, one.Group, before, one.Split)
			}
			where[one.Group] = one.Split
			counts[one.Split][one.Label]++
			if one.Split == stage.Test {
				tests[one.ID]++
			}
			if (one.Split == stage.Test) != (one.Fold == fold) {
				t.Fatalf("fold %d: case %s of fold %d is for %s", fold, one.ID, one.Fold, one.Split)
			}
			if one.Split == stage.Validation {
				validates += one.ID + " "
			}
		}
		sets[validates] = true
		for class, n := range total {
			for split, share := range map[stage.Split]float64{stage.Train: 0.65, stage.Validation: 0.15, stage.Test: 0.2} {
				if got, want := counts[split][class], share*n; !(math.Abs(got-want) <= 3+0.03*n) {
					t.Errorf("fold %d: got %v cases of class %d for %s, want about %.0f", fold, got, class, split, want)
				}
			}
		}
	}
	for _, one := range c.Cases {
		if tests[one.ID] != 1 {
			t.Errorf("case %s is tested %d times", one.ID, tests[one.ID])
		}
	}
	if len(sets) != 5 {
		t.Errorf("5 folds have %d validation sets", len(sets))
	}
	if l, err := checkLeaks(c, inTurn, nil); err != nil || l.findings != nil {
		t.Error(l, err)
	}
	if again := (Cases{Classes: c.Classes, Cases: population(300, 25)}); again.divide(Config{Split: inTurn}, nil) != nil || !slices.EqualFunc(again.Cases, c.Cases, sameFold) {
		t.Error("the same seed divides otherwise")
	}
	if table := c.foldTable(); len(table.Rows) != 15 || fmt.Sprint(table.Rows[0][:2]) != "[1 train]" || fmt.Sprint(table.Rows[14][:2]) != "[5 test]" {
		t.Errorf("got %v", table.Rows)
	}
	if all := c.InFold(stage.AllFolds); len(all.present()) != 1 || all.Cases[0].Split != stage.Train {
		t.Errorf("trained on everything there is also %v", all.present())
	}
}

// TestTornTurns: a study of which one case validates where the other trains is a leak, though both are
// tested in the same fold.
func TestTornTurns(t *testing.T) {
	t.Parallel()
	c := Cases{Cases: population(60, 25)}
	if err := c.divide(Config{Split: inTurn}, nil); err != nil {
		t.Fatal(err)
	}
	one := &c.Cases[0]
	turns := slices.Clone(one.Turns)
	at := slices.IndexFunc(turns, func(s stage.Split) bool { return s == stage.Train })
	turns[at] = stage.Validation
	one.Turns = turns
	if _, err := checkLeaks(c, inTurn, nil); err == nil || !strings.Contains(err.Error(), "leak: study "+one.Group) {
		t.Errorf("got %v", err)
	}
}

// TestTurnsWrong wants a message for what makes no sense.
func TestTurnsWrong(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Split){
		"there are no folds to take turns":                        func(s *Split) { s.Folds = 0 },
		"test: 0.1 would take cases out before":                   func(s *Split) { s.Test = 0.1 },
		"a test fold of 1/5 and validation 0.8 leave nothing for": func(s *Split) { s.Validation = 0.8 },
	} {
		s := inTurn
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	few := Cases{Cases: population(10, 1)}
	s := inTurn
	s.Validation = 0.001
	if err := few.divide(Config{Split: s}, nil); err == nil || !strings.Contains(err.Error(), "leaves none to validate on") {
		t.Errorf("got %v", err)
	}
	for want, words := range map[string][]string{
		"data.split.column: case 02 is for test in every fold": {"1", "2", "test"},
		"data.split.column: it names no folds that could take": {"train", "val"},
		"": {"1", "2", "3"},
	} {
		c := Cases{Cases: population(24, 1)}
		for i := range c.Cases {
			c.Cases[i].ID = fmt.Sprintf("%02d", i)
			c.Cases[i].Tags = map[string]string{"part": words[i%len(words)]}
		}
		s := Split{By: "study", Column: "part", Rotate: rotateTest, Validation: 0.2, TrainSize: 1}
		err := c.divide(Config{Split: s}, nil)
		if want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) || want == "" && err != nil {
			t.Errorf("%v: got %v, want %s", words, err, want)
		}
		for _, one := range c.Cases {
			if want == "" && (one.Turns[one.Fold-1] != stage.Test || fmt.Sprint(one.Fold) != one.Tags["part"]) {
				t.Errorf("%s of part %s: fold %d, %v", one.ID, one.Tags["part"], one.Fold, one.Turns)
			}
		}
	}
}
