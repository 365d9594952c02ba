package evaluate

import (
	"context"
	"fmt"

	"vertebra/stages/stage"
)

// Run measures every split that has predictions and records the results, next
// to what a guess from the training labels alone would reach. The guess is the
// series "<split> baseline" of the same scalars. What a reader must know of the
// numbers becomes an event.
func Run(ctx context.Context, env stage.Env, cfg Config, classes []string, cases []stage.Case, items []stage.Prediction) error {
	for _, split := range stage.Splits {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		of := ofSplit(items, split)
		if len(of) == 0 {
			continue
		}
		records, err := evaluateSplit(cfg, split, cases, Predictions{Classes: classes, Items: of})
		if err != nil {
			return fmt.Errorf("%s split: %w", split, err)
		}
		if err := env.Recorder.Record(ctx, records...); err != nil {
			return err
		}
	}
	return nil
}

func evaluateSplit(cfg Config, split stage.Split, cases []stage.Case, given Predictions) ([]stage.Record, error) {
	p, err := prepare(given.Classes, given.Items)
	if err != nil {
		return nil, err
	}
	r, err := measure(parts(cfg), p)
	if err != nil {
		return nil, err
	}
	guess, err := measureBaseline(cfg, cases, p)
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	r.Notes = append(r.Notes, missing(split, cases, p)...)
	if len(guess) == 0 {
		r.Notes = append(r.Notes, "there is no baseline, since there are no training cases")
	}
	return append(r.records(split), final(guess, string(split)+" baseline")...), nil
}

// missing notes cases of the split that nobody predicted.
func missing(split stage.Split, cases []stage.Case, p Predictions) []string {
	predicted := make(map[string]bool, len(p.Items))
	for _, item := range p.Items {
		predicted[item.CaseID] = true
	}
	all, without, example := 0, 0, ""
	for _, c := range cases {
		if c.Split != split {
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
