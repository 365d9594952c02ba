package evaluate

import (
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// BesideTable is the name of the table that holds an external validation against the run.
const BesideTable = "beside_run"

// ownSeries are the run's numbers that those of other data are held against, by what these are:
// of the test split, or of validation where there is none.
var ownSeries = map[string][]string{
	string(stage.Test): {"test", "validation"},
	calibratedSeries:   {"test calibrated", "validation calibrated"},
}

const calibratedSeries = string(stage.Test) + " calibrated"

// beside puts the numbers of other data next to those that the run measured itself, what decides
// first, calibrated where the run is; nothing where none can be.
func beside(records []stage.Record, known Known) []stage.Record {
	t := stage.Table{Name: BesideTable, Title: "Beside the run's own data", Section: "external",
		Columns: []string{"number", "here", "the run", "on its split", "difference", "verdict"},
		Note:    "what decides comes first; verdicts on the other numbers are not corrected for how many there are. The difference is here less the run, with an interval made of both intervals, since no case is in both (MOVER: Zou and Donner 2008); a difference may lie in the cases, such as other shares of the classes, and not in the nets"}
	for _, here := range given(records) {
		if own, found := ownNumber(here, known.Finals); found && !math.IsNaN(here.Value) {
			row := besideRow(here, own)
			if here.Name == known.Decides {
				t.Rows = slices.Insert(t.Rows, 0, row)
			} else {
				t.Rows = append(t.Rows, row)
			}
		}
	}
	if t.Rows == nil {
		return nil
	}
	if slices.ContainsFunc(t.Rows, func(row []any) bool { return row[3] == string(stage.Validation) }) {
		t.Note += ". The run has no test split; validation chose its weights, so its numbers there are too good"
	}
	if slices.ContainsFunc(t.Rows, func(row []any) bool { _, certain := row[4].(stage.Estimate); return !certain }) {
		t.Note += ". A difference without an interval is one of numbers without, of too few groups or of sets, or of calibration errors, which are larger where there are fewer cases, whatever the probabilities"
	}
	return []stage.Record{t}
}

// sizeBound says of a number that fewer cases alone make it larger: the mean of distances within
// bins, which chance only adds to (Roelofs et al. 2022, "Mitigating bias in calibration error
// estimation"). Between samples of one population, of 60 to 300 cases in 12 to 100 groups,
// intervals of its difference left out 0 in 11 to 12 of 100, where those of accuracy, loss, F1,
// AUROC and recalibration did in 2 to 6.
func sizeBound(name string) bool {
	return slices.ContainsFunc(slices.Concat(Calibration{}.Scalars(), AdaptiveCalibration{}.Scalars()), func(s stage.Scalar) bool { return s.Name == name })
}

// given are the numbers of the probabilities that predict gives: calibrated where the run is.
func given(records []stage.Record) (out []stage.Scalar) {
	calibrated := map[string]bool{}
	for _, r := range records {
		if s, is := r.(stage.Scalar); is && s.Series == calibratedSeries {
			calibrated[s.Name] = true
		}
	}
	for _, r := range records {
		if s, is := r.(stage.Scalar); is && (s.Series == calibratedSeries || s.Series == string(stage.Test) && !calibrated[s.Name]) {
			out = append(out, s)
		}
	}
	return out
}

func ownNumber(here stage.Scalar, finals []stage.Scalar) (own stage.Scalar, found bool) {
	for _, series := range ownSeries[here.Series] {
		if at := slices.IndexFunc(finals, func(f stage.Scalar) bool { return f.Series == series && f.Name == here.Name }); at >= 0 {
			return finals[at], true
		}
	}
	return own, false
}

func besideRow(here, own stage.Scalar) []any {
	on, _, _ := strings.Cut(own.Series, " ")
	d := Apart(here, own)
	difference, word := any(d), ""
	if math.IsNaN(d.Low) || sizeBound(here.Name) {
		difference = d.Value
	} else {
		word = apartWord(here.Better, d)
	}
	return []any{here.Title, cell(here), cell(own), on, difference, word}
}

func apartWord(better stage.Direction, d stage.Estimate) string {
	p := 0.0
	if d.Low <= 0 && d.High >= 0 {
		p = 1
	}
	return direction(better, d.Value, p, 0.5)
}

// Apart is the difference of two numbers of different cases, a less b, with the interval that
// follows from theirs: MOVER, the method of variance estimates recovery (Zou and Donner 2008,
// "Construction of confidence limits about effect measures: a general approach"; Newcombe 1998
// for proportions). Intervals need not be symmetric. Without both there is none.
func Apart(a, b stage.Scalar) stage.Estimate {
	d := stage.Estimate{Value: a.Value - b.Value, Low: math.NaN(), High: math.NaN()}
	if a.Interval == nil || b.Interval == nil || a.Interval.Level != b.Interval.Level {
		return d
	}
	d.Low = d.Value - math.Hypot(a.Value-a.Interval.Low, b.Interval.High-b.Value)
	d.High = d.Value + math.Hypot(a.Interval.High-a.Value, b.Value-b.Interval.Low)
	return d
}
