package ensemble

import (
	"math"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// standingOf are members with their numbers on the validation split, and that of the ensemble last.
func standingOf(better stage.Direction, values ...float64) Standing {
	s := Standing{best: -1, Numbers: map[stage.Split][]stage.Scalar{}}
	for i, v := range values {
		s.Numbers[stage.Validation] = append(s.Numbers[stage.Validation], stage.Scalar{Name: "loss", Title: "Loss", Value: v, Better: better})
		if i < len(values)-1 {
			r := &results.RunRecord{}
			s.members = append(s.members, member{name: string(rune('a' + i)), parts: []memberRun{{record: r}}})
			s.how.Weights = append(s.how.Weights, 1/float64(len(values)-1))
		}
	}
	return s
}

// TestBestMember: the best on the validation split, of equals the first. The ensemble is no member.
func TestBestMember(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		better stage.Direction
		values []float64
		want   int
	}{
		{stage.LowerBetter, []float64{3, 1, 2, 0}, 1}, {stage.HigherBetter, []float64{3, 1, 4, 9}, 2}, {stage.LowerBetter, []float64{2, 1, 1, 0}, 1}, {stage.HigherBetter, []float64{2, 2, 1, 3}, 0},
		{stage.LowerBetter, []float64{nan, 5, nan, 0}, 1}, {stage.LowerBetter, []float64{nan, nan, 0}, -1}, {stage.NoDirection, []float64{1, 2, 3}, -1},
	} {
		s := standingOf(c.better, c.values...)
		if s.findBest(); s.best != c.want {
			t.Errorf("%s of %v: %d, want %d", c.better, c.values, s.best, c.want)
		}
	}
}

// TestUntold: why there is no verdict.
func TestUntold(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Standing){
		"these runs are the folds of one cross-validation":     func(s *Standing) { s.members = s.members[:1] },
		"this is b alone: no other run has a weight":           func(s *Standing) { s.how.Weights = []float64{0, 1} },
		"without numbers of the validation split nobody knows": func(s *Standing) {},
	} {
		s := standingOf(stage.LowerBetter, 1, 2, 0)
		change(&s)
		if err := s.judge(t.Context(), stage.Env{}); err != nil || !strings.Contains(s.untold, want) || s.verdict != nil {
			t.Errorf("got %q, %v, want %q", s.untold, err, want)
		}
		s.how.By, s.Experiment.Ensemble.WeightsBy = "mean", "equal"
		if words := s.Words(); len(words) != 2 || words[0] != "mean of the probabilities, all alike" || words[1] != s.untold {
			t.Errorf("got %q", words)
		}
	}
}

// TestWordsOfAnEnsemble: how it was made, and on what the verdict rests.
func TestWordsOfAnEnsemble(t *testing.T) {
	t.Parallel()
	s := standingOf(stage.LowerBetter, 1, 2, 0)
	s.how.By, s.Experiment.Ensemble.WeightsBy = "geometric", "given"
	s.verdict = &evaluate.Comparison{Split: stage.Validation, Pairs: []evaluate.Pair{{A: "a", B: Itself}}}
	says := s.verdict.Pairs[0].Words()
	words := s.Words()
	if len(words) != 2 || words[0] != "mean of the probabilities' logarithms, renormalised, with weights of the command line" || words[1] != says+"; by the validation split, since there is no test split: the best member was chosen on it" {
		t.Errorf("got %q", words)
	}
	s.verdict.Split, s.Experiment.Ensemble.WeightsBy, s.how.By = stage.Test, "greedy", "mean"
	s.selection = &evaluate.Selection{Scalar: stage.Scalar{Title: "F1"}}
	words = s.Words()
	s.apart = map[string]evaluate.Blend{"1": {}, "2": {}, "3": {}}
	if apart := s.Words(); apart[0] != "mean of the probabilities, weighed as greedy selection by F1 on the validation split says, whose own numbers are of weights that were found on other groups (3 parts)" || apart[1] != words[1] {
		t.Errorf("got %q", apart)
	}
	if len(words) != 2 || words[0] != "mean of the probabilities, weighed as greedy selection by F1 on the validation split says, whose numbers are too good for that" || words[1] != "against the member that is best on validation, on the test split: "+says {
		t.Errorf("got %q", words)
	}
}

// TestFoundOnValidation: what makes the numbers of the validation split too good; members without a
// weight, and calibrations that are left out, do not.
func TestFoundOnValidation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		greedy, raw bool
		calibrated  string // the members that are
		want, apart string // apart: where weights were found on other groups
	}{
		{false, false, "", "", ""}, {true, false, "", "the weights were", ""}, {false, false, "a", "the calibration of a was", "the calibration of a was"},
		{false, false, "abc", "the calibration of a, b was", "the calibration of a, b was"}, {true, false, "b", "the weights and the calibration of b were", "the calibration of b was"},
		{false, true, "ab", "", ""}, {false, false, "c", "", ""}, {true, true, "ab", "the weights were", ""},
	} {
		s := standingOf(stage.LowerBetter, 1, 2, 3, 0)
		s.how.Weights = []float64{0.5, 0.5, 0} // nobody asks c
		s.Experiment = experiments.Ensemble{Ensemble: experiments.Blending{Raw: c.raw}}
		if c.greedy {
			s.selection = &evaluate.Selection{}
		}
		for i, m := range s.members {
			if strings.Contains(c.calibrated, m.name) {
				s.members[i].parts[0].record.Facts = []stage.Fact{{Name: evaluate.CalibrationFact, Value: "{}"}}
			}
		}
		if got := s.foundOnValidation(); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
		if events := s.events(); len(events) != map[bool]int{true: 1}[c.want != ""] {
			t.Errorf("%+v: got the events %v", c, events)
		}
		s.apart = map[string]evaluate.Blend{"1": {}, "2": {}} // weights of others' cases
		if got := s.foundOnValidation(); got != c.apart {
			t.Errorf("%+v: with weights of other groups got %q", c, got)
		}
	}
}
