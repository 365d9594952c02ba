package validate

import (
	"context"
	"fmt"
	"slices"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Known warns where numbers of predictions are too good, since the nets, or their calibration, know the
// cases, which are those of the request. A run predicts its own data as well as others: nothing is
// refused.
func (r Request) Known(ctx context.Context, env stage.Env, run finished.Run, cases audit.Cases) (warnings []string, err error) {
	v := Validation{Request: r, run: run}
	of, err := v.origins(ctx)
	if err != nil {
		return nil, err
	}
	first, err := v.first(ctx) // of an ensemble: how the data are read is its members' matter
	if err != nil {
		return nil, err
	}
	if r.FindPoints { // other points make them other data
		asked := predict.Request{Data: []string{r.File}, Set: r.Set, Split: r.Split, FindPoints: true, Marked: true}
		if cases, err = asked.Labelled(ctx, v.quiet(env), first); err != nil {
			return nil, err
		}
	}
	for _, from := range of {
		text, trainedOn := v.known(ctx, env, first, cases, from)
		if trainedOn {
			text = fmt.Sprintf("%s names the data that run %s was trained on: the numbers are too good", v.Called, from.ID())
		}
		if text != "" && !slices.Contains(warnings, text) {
			warnings = append(warnings, text)
		}
	}
	return warnings, nil
}
