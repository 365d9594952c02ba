package evaluate

import (
	"context"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Known is what a finished run says of itself when it meets other data.
type Known struct {
	Calibration string         // the fact CalibrationFact; "" of a run that is not calibrated
	Sets        string         // the fact SetsFact; "" of a run without prediction sets
	Finals      []stage.Scalar // its final numbers
	Decides     string         // the name of the number that decides
	Training    []stage.Case   // like those that it was trained on, see TrainingCases; nil where nobody knows
}

// External measures what the nets of a finished run said of other data, an external validation,
// and records the results as Run does of a test split, which all items are to be of. Nothing is
// learnt of these data: calibration and thresholds of prediction sets are the run's. Besides, it
// measures Recalibration, and holds each number against what the run measured on its own data.
func External(ctx context.Context, env stage.Env, cfg Config, classes []string, items []stage.Prediction, known Known) error {
	cfg = cfg.WithRecalibration()
	cfg, facts, err := cfg.asked(classes, items)
	if err != nil {
		return err
	}
	calibrator, sets, err := known.read(cfg, len(classes))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{CalibrationFact: known.Calibration, SetsFact: known.Sets} {
		if value != "" {
			facts = append(facts, stage.Fact{Name: name, Value: value})
		}
	}
	e := evaluation{env, cfg, stage.Test, known.Training, nil, sets, false}
	records, err := e.records(ctx, calibrator, Predictions{Classes: classes, Items: items})
	if err != nil {
		return err
	}
	expected, err := e.expected(calibrator.calibrateAll(items), classes)
	if err != nil {
		return err
	}
	records = slices.DeleteFunc(records, func(r stage.Record) bool { t, is := r.(stage.Table); return is && t.Name == expected.Name })
	return env.Recorder.Record(ctx, slices.Concat(facts, beside(records, known), []stage.Record{expected}, records)...)
}

// expected is the table of Recalibration, of the probabilities that predict gives.
func (e evaluation) expected(items []stage.Prediction, classes []string) (stage.Table, error) {
	p, err := e.cfg.prepare(classes, items)
	if err != nil {
		return stage.Table{}, err
	}
	asked := slices.DeleteFunc(parts(e.cfg), func(m registry.One[Metric]) bool { return !isRecalibration(m) })
	r, err := measure(asked, p)
	if err != nil {
		return stage.Table{}, err
	}
	t := r.Tables[0]
	t.Section = "external"
	return t, nil
}

func isRecalibration(m registry.One[Metric]) bool { _, is := m.Part.(Recalibration); return is }

// WithRecalibration asks for that metric where it is not asked for. Numbers of single targets stay
// watched: they are no metrics that a file may name.
func (cfg Config) WithRecalibration() Config {
	cfg.Metrics = cfg.named()
	if !slices.ContainsFunc(cfg.Metrics, isRecalibration) {
		cfg.Metrics = append(cfg.Metrics, registry.One[Metric]{Name: "recalibration", Part: Recalibration{}})
	}
	return cfg
}

// read gives what the facts hold; nil where there is none.
func (k Known) read(cfg Config, classes int) (calibrator *FittedCalibrator, sets *setting, err error) {
	if k.Calibration != "" {
		c, err := ReadCalibrator(k.Calibration, classes)
		if err != nil {
			return nil, nil, err
		}
		calibrator = &c
	}
	if k.Sets != "" && cfg.Sets != nil {
		s, err := ReadSets(k.Sets, classes)
		if err != nil {
			return nil, nil, err
		}
		sets = &setting{Conformal: *cfg.Sets, sets: s, on: stage.Test}
	}
	return calibrator, sets, nil
}
