package evaluate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// evaluation is what is done to one split.
type evaluation struct {
	env   stage.Env
	cfg   Config
	split stage.Split
	cases []stage.Case
	folds []fold // of a cross-validation
	sets  *setting
	turns bool // folds take turns as test set
}

// once is the split of which folds predict each case once: by the net that did not see it.
func (e evaluation) once() bool {
	return len(e.folds) > 0 && (e.split == stage.Test) == e.turns
}

// ClassesFact is the name of the stored fact that lists the classes, in JSON, in
// the order of labels and probabilities.
const ClassesFact = "classes"

// AverageFact is the name of the stored fact that says what the numbers are: "means over
// target (14)". There is none where they are of all cases together.
const AverageFact = "numbers"

// Run measures every split that has predictions and records the results, next
// to what a guess from the training labels alone would reach. The guess is the
// series "<split> baseline" of the same scalars. What a reader must know of the
// numbers becomes an event.
//
// Where the answers to several questions are yes or no, and precision, recall or F1 are
// asked for, PositiveClass is measured too: over both answers they mostly say how well
// "no" is found.
//
// With cfg.Calibrate the probabilities are calibrated on the validation split,
// and measured again as the series "<split> calibrated". With cfg.Sets the validation split
// also gives thresholds of prediction sets, which are measured on the test split.
//
// Items of a cross-validation are named as stage.Fold.Prediction does. Then the
// validation split is measured over the predictions of all folds together, each
// made by the net that did not see the case, and the test split over what MeanOfFolds
// gives; each fold by itself is the series "<split> fold <number>". Where folds take turns as test
// set, it is the test split that is measured over all folds together; what is calibrated, and
// thresholds, come from each fold's own validation cases; and numbers of the validation split are
// means over the folds: see evaluation.validated.
func Run(ctx context.Context, env stage.Env, cfg Config, classes []string, cases []stage.Case, items []stage.Prediction) error {
	cfg, facts, err := cfg.asked(classes, items)
	if err != nil {
		return err
	}
	if err := env.Recorder.Record(ctx, facts...); err != nil {
		return err
	}
	folds := foldsOf(items)
	if len(folds) > 0 {
		cases = stage.InFold(cases, stage.AllFolds)
	} else if known, err := trainingFact(len(classes), cases); err != nil {
		return err
	} else if err := env.Recorder.Record(ctx, known...); err != nil {
		return err
	}
	calibrator, err := fitCalibrator(ctx, env, cfg, classes, fitting(items))
	if err != nil {
		return err
	}
	sets, err := fitSets(ctx, env, cfg, classes, items, calibrator)
	if err != nil {
		return err
	}
	turns := TestedInTurn(items)
	if turns {
		e := evaluation{env, cfg, stage.Validation, cases, folds.of(stage.Validation), nil, turns}
		records, err := e.validated(ctx, classes, calibrator)
		if err != nil {
			return fmt.Errorf("%s split: %w", stage.Validation, err)
		}
		if err := env.Recorder.Record(ctx, records...); err != nil {
			return err
		}
	}
	for _, split := range stage.Splits {
		of := ofSplit(items, split)
		if len(of) == 0 {
			continue
		}
		e := evaluation{env, cfg, split, cases, folds.of(split), sets, turns}
		records, err := e.records(ctx, calibrator, Predictions{Classes: classes, Items: of})
		if err != nil {
			return fmt.Errorf("%s split: %w", split, err)
		}
		if err := env.Recorder.Record(ctx, records...); err != nil {
			return err
		}
	}
	return nil
}

// asked are the facts of what the items answer, and what is measured of that.
func (cfg Config) asked(classes []string, items []stage.Prediction) (Config, []stage.Record, error) {
	names, err := json.Marshal(classes)
	facts := []stage.Record{stage.Fact{Name: ClassesFact, Value: string(names)}}
	if n := len(Predictions{Classes: classes, Items: items, averageOver: cfg.AverageOver}.members()); n > 0 {
		facts = append(facts, stage.Fact{Name: AverageFact, Value: fmt.Sprintf("means over %s (%d)", cfg.AverageOver, n)})
		cfg.Metrics = ofFindings(cfg, classes)
	}
	return cfg, facts, err
}

// fitCalibrator fits and stores the calibration; nil when none is wanted or there is
// nothing to fit it on.
func fitCalibrator(ctx context.Context, env stage.Env, cfg Config, classes []string, from fitOn) (*FittedCalibrator, error) {
	if cfg.Calibrate == nil {
		return nil, nil
	}
	if from.nothing() {
		return nil, env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "evaluate",
			Text: "calibrate: there are no predictions of the validation split to learn from, so nothing is calibrated"})
	}
	p, err := cfg.prepare(classes, from.all)
	if err != nil {
		return nil, fmt.Errorf("%s split: %w", stage.Validation, err)
	}
	calibrator, without, err := fitTargets(cfg.Calibrate.Part, p)
	if err == nil {
		calibrator.Folds, err = from.calibrators(cfg, classes)
	}
	if err != nil { // a trained net is not lost for the sake of its calibration
		return nil, env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "evaluate",
			Text: fmt.Sprintf("calibrate: %s: %v on the validation split, so nothing is calibrated", cfg.Calibrate.Name, err)})
	}
	fact, err := calibrator.Fact()
	if err != nil {
		return nil, err
	}
	return &calibrator, env.Recorder.Record(ctx, append(without.tell(p), fact)...)
}

func (e evaluation) records(ctx context.Context, calibrator *FittedCalibrator, given Predictions) ([]stage.Record, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	p, err := e.cfg.prepare(given.Classes, given.Items)
	if err != nil {
		return nil, err
	}
	r, err := e.measure(ctx, p)
	if err != nil {
		return nil, err
	}
	guess, err := e.againstBaseline(ctx, p, &r)
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	single, err := e.eachFold(ctx, p, &r)
	if err != nil {
		return nil, err
	}
	out := append(r.records(e.split), final(guess, string(e.split)+" baseline")...)
	out = append(out, single...)
	if calibrator != nil {
		if p, err = e.cfg.prepare(p.Classes, calibrator.calibrateAll(p.Items)); err != nil {
			return nil, err
		}
		calibrated, err := e.calibratedRecords(ctx, *calibrator, p)
		if err != nil {
			return nil, err
		}
		out = append(out, calibrated...)
	}
	read, err := e.readers(ctx, p)
	if err != nil {
		return nil, err
	}
	out = append(out, read...)
	if e.sets == nil || e.sets.on != e.split {
		return out, nil
	}
	sets, err := e.setRecords(ctx, p)
	return append(out, sets...), err
}

// measure gives all numbers with intervals, all figures, and the subgroups.
func (e evaluation) measure(ctx context.Context, p Predictions) (Result, error) {
	r, err := measure(parts(e.cfg), p)
	if err != nil {
		return r, err
	}
	if err := e.intervals(ctx, "", r.Scalars, p); err != nil {
		return r, err
	}
	of, err := e.subgroups(ctx, p)
	r.add(of)
	gaps, failed := e.gaps(ctx, p)
	r.add(gaps)
	err = errors.Join(err, failed)
	r.Notes = slices.Concat(r.Notes, e.missing(p), e.unsure(r, p))
	return r, err
}

// intervals adds its interval to each number.
func (e evaluation) intervals(ctx context.Context, series string, scalars []stage.Scalar, p Predictions) error {
	found, err := e.cfg.Intervals.intervals(ctx, e.env, fmt.Sprintf("bootstrap %s%s", e.split, series), newSheet(parts(e.cfg), p))
	for i, s := range scalars {
		scalars[i].Interval = found[s.Name]
	}
	return err
}

// calibratedRecords measures the calibrated predictions.
func (e evaluation) calibratedRecords(ctx context.Context, calibrator FittedCalibrator, q Predictions) ([]stage.Record, error) {
	r, err := measure(numeric(e.cfg), q)
	if err != nil {
		return nil, err
	}
	// the purpose is that of the numbers before, so both see the same resamples
	err = e.intervals(ctx, "", r.Scalars, q)
	out := final(r.Scalars, string(e.split)+" calibrated")
	of := ""
	if q.members() != nil {
		of = togetherIn(q.averageOver)
	}
	for _, c := range (Calibration{Bins: 15}).Show(q).Curves {
		c.Name, c.Title, c.Section = c.Name+"_calibrated", fmt.Sprintf("%s after calibration%s, %s", c.Title, of, e.split), "results"
		out = append(out, c)
	}
	decided, failed := e.calibratedConfusion(calibrator, q)
	return append(out, decided...), errors.Join(err, failed)
}

// calibratedConfusion counts what is taken for what after a calibration that moves the boundaries
// between classes, where confusion is asked for.
func (e evaluation) calibratedConfusion(calibrator FittedCalibrator, q Predictions) ([]stage.Record, error) {
	if !calibrator.shifts() {
		return nil, nil
	}
	asked := slices.DeleteFunc(parts(e.cfg), func(m registry.One[Metric]) bool { _, is := m.Part.(Confusion); return !is })
	r, err := measure(asked, q)
	counts := Result{}
	for _, m := range r.Matrices {
		if m.Name == "confusion" {
			m.Name, m.Title = m.Name+"_calibrated", m.Title+" after calibration"
			counts.Matrices = append(counts.Matrices, m)
		}
	}
	for _, t := range r.Tables {
		t.Name, t.Title = t.Name+"_calibrated", t.Title+", after calibration"
		counts.Tables = append(counts.Tables, t)
	}
	return counts.records(e.split), err
}

// missing notes cases of the split that nobody predicted.
func (e evaluation) missing(p Predictions) []string {
	predicted := make(map[string]bool, len(p.Items))
	for _, item := range p.Items {
		predicted[item.CaseID] = true
	}
	all, without, example := 0, 0, ""
	for _, c := range e.cases {
		if c.Split != e.split && !(e.once() && c.Fold > 0) {
			continue
		}
		if all++; !predicted[c.ID] {
			without++
			example = c.ID
		}
	}
	if without == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d cases have no prediction, such as %s", without, all, example)}
}

// final marks numbers as those of the finished run.
func final(scalars []stage.Scalar, series string) []stage.Record {
	out := make([]stage.Record, len(scalars))
	for i, s := range scalars {
		s.Series, s.Epoch = series, stage.Final
		out[i] = s
	}
	return out
}

func (r Result) records(split stage.Split) []stage.Record {
	const section = "results"
	out := final(r.Scalars, string(split))
	title := func(t string) string { return t + ", " + string(split) }
	for _, c := range r.Curves {
		c.Title, c.Section = title(c.Title), section
		out = append(out, c)
	}
	for _, m := range r.Matrices {
		m.Title, m.Section = title(m.Title), section
		out = append(out, m)
	}
	for _, t := range r.Tables {
		t.Title, t.Section = title(t.Title), section
		out = append(out, t)
	}
	for _, note := range r.Notes {
		out = append(out, stage.Event{Level: "warning", Stage: "evaluate", Text: string(split) + ": " + note})
	}
	return out
}
