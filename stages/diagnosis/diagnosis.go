// Package diagnosis says in plain words what the stored numbers of a run mean:
// rules over scalars and matrices, each with its numbers, the figure that shows
// it, and what to try. It measures nothing itself.
package diagnosis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Run is what the rules look at: what was stored.
type Run struct {
	Scalars  []stage.Scalar
	Matrices []stage.Matrix
	Tables   []stage.Table
	// Running says that there will be more.
	Running bool
	// Blended says that the run is an ensemble, whose settings are flags.
	Blended bool
	// External says that the run is a validation on other data: its nets are those of another.
	External bool
}

// calibrate says how to ask for a calibrator.
func (r Run) calibrate(by string) string {
	if r.Blended {
		return "runner ensemble with --calibrate " + by
	}
	if r.External {
		return "runner recalibrate RUN FILE --by " + by
	}
	return "evaluate: {calibrate: " + by + "}"
}

// Finding is what one rule found.
type Finding struct {
	Name   string // "overfitting"
	Text   string // one sentence with the numbers
	Figure string // the name of the scalar, curve, matrix or table that shows it
	Try    string
}

// Of applies every rule, in the order in which a reader should look.
func Of(run Run) []Finding {
	var out []Finding
	for _, rule := range []func(Run) *Finding{diverged, noBetterThanGuess, worseElsewhere, unlikeTraining, tooSmall, inputsDiffer, overfitting, stillImproving, neverPredicted, neverFound, majorityBias, calibration, probabilitiesOff, setsLeaveOut, worseForSome, pointsMissed, overflow} {
		if f := rule(run); f != nil {
			if try := ofOthersNets[f.Name]; run.External && try != "" {
				f.Try = try
			}
			out = append(out, *f)
		}
	}
	return out
}

// epochs gives a scalar of each epoch of a series.
func (r Run) epochs(name string, series stage.Split) (values []float64) {
	for _, s := range r.Scalars {
		if s.Name == name && s.Series == string(series) && s.Epoch != stage.Final && !math.IsNaN(s.Value) {
			values = append(values, s.Value)
		}
	}
	return values
}

// final gives a number of the finished run.
func (r Run) final(name, series string) (stage.Scalar, bool) {
	for _, s := range r.Scalars {
		if s.Name == name && s.Series == series && s.Epoch == stage.Final && !math.IsNaN(s.Value) {
			return s, true
		}
	}
	return stage.Scalar{}, false
}

// diverged wants the training loss of the last epoch to be many times that of a guess: no scale
// of a loss explains that.
func diverged(r Run) *Finding {
	const many = 10
	train := r.epochs("loss", stage.Train)
	guess, known := r.final("loss", string(stage.Validation)+" baseline")
	if len(train) == 0 || !known || !(train[len(train)-1] > many*guess.Value) {
		return nil
	}
	return &Finding{"training diverged",
		fmt.Sprintf("The training loss is %.4g in the last epoch, where a guess from the training labels has %.3f: the steps were too large.", train[len(train)-1], guess.Value),
		"loss", "a lower rate (runner find-rate proposes one), a warm-up, or train.clip: {norm: 1}"}
}

// noBetterThanGuess holds the interval of the loss against the guess's loss.
func noBetterThanGuess(r Run) *Finding {
	loss, guess, ok, known := r.beside("loss")
	of := wordsOf(loss.Series)
	if !ok || !known || loss.Interval == nil || !(loss.Interval.High >= guess.Value) {
		return nil
	}
	for _, name := range []string{"macro_auroc", "balanced_accuracy"} {
		if told, chance, ok := r.aboveGuess(name); ok {
			return &Finding{"probabilities no better than a guess",
				fmt.Sprintf("The %s loss %.3f (%.3f to %.3f) is not surely below %.3f, that of a guess, though %s is %.3f, surely above %.3f: cases are told apart, and their probabilities are off, as class weights or a training that ended early make them.",
					of, loss.Value, loss.Interval.Low, loss.Interval.High, guess.Value, titleOf(told), told.Value, chance),
				"against_baseline", r.calibrate("vector") + " calibrates probabilities; without class weights, or trained for longer, they are truer"}
		}
	}
	return &Finding{"no better than a guess",
		fmt.Sprintf("The %s loss %.3f (%.3f to %.3f) is not surely below %.3f, that of a guess from the training labels alone.",
			of, loss.Value, loss.Interval.Low, loss.Interval.High, guess.Value),
		"against_baseline", "look at the preprocessed pictures and the labels first; then train longer, or with another rate"}
}

// beside gives a number of the validation split, or of the test split where there is no other as of
// other data, calibrated where the run is, and that of the guess.
func (r Run) beside(name string) (told, guess stage.Scalar, known, guessed bool) {
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		for _, series := range []string{string(split) + " calibrated", string(split)} {
			if told, known = r.final(name, series); known {
				guess, guessed = r.final(name, string(split)+" baseline")
				return told, guess, known, guessed
			}
		}
	}
	return told, guess, false, false
}

// wordsOf turns "test calibrated" into "calibrated test".
func wordsOf(series string) string {
	split, of, _ := strings.Cut(series, " ")
	return strings.TrimSpace(of + " " + split)
}

// aboveGuess says whether the whole interval of a number lies above that of the guess; a number
// that cannot be better has none.
func (r Run) aboveGuess(name string) (told stage.Scalar, chance float64, ok bool) {
	told, guess, known, guessed := r.beside(name)
	return told, guess.Value, known && guessed && (told.Interval != nil && told.Interval.Low > guess.Value || told.Interval == nil && told.Value == 1 && guess.Value < 1)
}

func titleOf(s stage.Scalar) string { return cmp.Or(s.Title, s.Name) }

// tooSmall warns where an interval of a share is wider than a fifth.
func tooSmall(r Run) *Finding {
	const wide = 0.2
	s, ok := r.final("accuracy", string(stage.Validation))
	if !ok || s.Interval == nil || !(s.Interval.High-s.Interval.Low > wide) {
		return nil
	}
	return &Finding{"split too small to tell",
		fmt.Sprintf("The accuracy may be anything from %.3f to %.3f: the validation split is too small to tell runs apart.", s.Interval.Low, s.Interval.High),
		"accuracy", "enlarge data.split.validation, or use folds"}
}

// overfitting wants the validation loss to have risen by a tenth from its least
// while that of training fell on.
func overfitting(r Run) *Finding {
	const rise = 1.1
	train, validation := r.epochs("loss", stage.Train), r.epochs("loss", stage.Validation)
	if len(train) < 3 || len(validation) != len(train) {
		return nil
	}
	best, last := least(validation), len(validation)-1
	if validation[last] < rise*validation[best] || train[last] >= train[best] {
		return nil
	}
	return &Finding{"overfitting",
		fmt.Sprintf("The validation loss was least in epoch %d (%.3f) and rose to %.3f, while the training loss fell from %.3f to %.3f.",
			best+1, validation[best], validation[last], train[best], train[last]),
		"loss", "augment more, add dropout or weight decay, train fewer layers, or stop earlier"}
}

// stillImproving says that the plateau was never reached.
func stillImproving(r Run) *Finding {
	validation := r.epochs("loss", stage.Validation)
	last := len(validation) - 1
	if r.Running || last < 2 || least(validation) != last || validation[last] >= 0.99*validation[last-1] {
		return nil
	}
	return &Finding{"plateau never reached",
		fmt.Sprintf("The validation loss still fell in the last epoch, from %.3f to %.3f.", validation[last-1], validation[last]),
		"loss", "train for more epochs, or at a higher rate"}
}

// neverPredicted reads the confusion matrix of counts: rows are the true class.
func neverPredicted(r Run) *Finding {
	for _, m := range r.Matrices {
		if m.Name != r.deciding("confusion") || len(m.Values) == 0 || len(m.Columns) != len(m.Values) {
			continue
		}
		cases, said, _ := margins(m.Values)
		var never []string
		of := 0.0
		for k, class := range m.Columns {
			if cases[k] > 0 && said[k] == 0 {
				never, of = append(never, class), of+cases[k]
			}
		}
		if never != nil {
			return &Finding{"class never predicted", fmt.Sprintf("No case is taken for %s, though %.0f are (%s).", someOf(never, len(m.Columns)), of, m.Title),
				m.Name, "weigh or oversample rare classes: train.balance"}
		}
	}
	return nil
}

// someOf names a few things, and counts them where there are more.
func someOf(names []string, of int) string {
	const most = 3
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
	return fmt.Sprintf("%d of %d classes, such as %s", len(names), of, names[0])
}

// deciding names the figure that shows what is decided in the end: that after a
// calibration which moves the boundaries between classes, where there was one.
func (r Run) deciding(figure string) string {
	after := figure + "_calibrated"
	if slices.ContainsFunc(r.Matrices, func(m stage.Matrix) bool { return m.Name == after }) ||
		slices.ContainsFunc(r.Tables, func(t stage.Table) bool { return t.Name == after }) {
		return after
	}
	return figure
}

// calibration warns of an expected calibration error above 0.05.
func calibration(r Run) *Finding {
	const much = 0.05
	s, ok := r.final("calibration_error", string(stage.Validation))
	after, calibrated := r.final("calibration_error", string(stage.Validation)+" calibrated")
	switch {
	case calibrated && after.Value > much:
		return &Finding{"probabilities not to be trusted", fmt.Sprintf("Stated probabilities miss what happens by %.3f on average, after calibration by %.3f.", s.Value, after.Value),
			"reliability", "temperature or vector as calibration (threshold moves decisions, and makes no probability truer), or more cases for validation"}
	case calibrated || !ok || s.Value <= much || s.Interval != nil && s.Interval.Low <= much/2: // of few cases it is never small
		return nil
	}
	return &Finding{"probabilities not to be trusted", fmt.Sprintf("Stated probabilities miss what happens by %.3f on average.", s.Value),
		"reliability", r.calibrate("temperature")}
}

// least is the place of the smallest value, the first of equals.
func least(v []float64) int {
	at := 0
	for i := range v {
		if v[i] < v[at] {
			at = i
		}
	}
	return at
}
