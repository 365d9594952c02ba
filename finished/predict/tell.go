package predict

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// warn tells what a reader of the predictions must know; nothing of texts that are empty.
func warn(ctx context.Context, env stage.Env, texts ...string) error {
	var events []stage.Record
	for _, text := range texts {
		if text != "" {
			events = append(events, stage.Event{Level: "warning", Text: text})
		}
	}
	if events == nil {
		return nil
	}
	return env.Recorder.Record(ctx, events...)
}

// tellMissing warns of what has no prediction. That nothing has one is an error.
func (p Predictor) tellMissing(ctx context.Context, env stage.Env, cases audit.Cases, items []stage.Prediction) error {
	if err := warn(ctx, env, p.missing(cases, items)...); err != nil {
		return err
	}
	if len(items) == 0 {
		return stage.Fault{Err: errors.New("nothing could be predicted: no image could be used"), Hint: "the warnings say why; runner predict takes DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP and PNM files"}
	}
	return nil
}

// missing says what has no prediction.
func (p Predictor) missing(cases audit.Cases, items []stage.Prediction) (out []string) {
	for _, d := range cases.Dropped {
		if cases.Looks != nil {
			break // the audit tells more of them
		}
		out = append(out, fmt.Sprintf("left out: %s: %d, such as %s (%s)", d.Rule, len(d.IDs), d.IDs[0], d.Reason))
	}
	made := map[string]bool{}
	for _, item := range items {
		made[cmp.Or(p.Samples[item.CaseID], item.CaseID)] = true
	}
	if asked := len(cases.Samples().Cases); len(made) < asked {
		out = append(out, fmt.Sprintf("%d of %d images could not be used and have no prediction", asked-len(made), asked))
	}
	return out
}

// blank says which samples lack a view.
func blank(cases audit.Cases) (out []string) {
	for _, f := range cases.Findings {
		if f.ID == audit.ViewMissing {
			out = append(out, fmt.Sprintf("%s: %d, such as %s: the net is shown a blank picture instead", f.Rule, len(f.IDs), f.IDs[0]))
		}
	}
	return out
}

// unknown says of which covariates nothing is known.
func unknown(covariates stage.Covariates, cases audit.Cases) (out []string) {
	samples, lack := cases.Samples().Cases, map[string]int{}
	for _, one := range samples {
		for _, name := range covariates.Unknown(one.Tags) {
			lack[name]++
		}
	}
	for _, c := range covariates {
		if n := lack[c.Name]; n > 0 {
			values := "a number"
			if c.Values != nil {
				values = "one of " + stage.Shortened(c.Values)
			}
			out = append(out, fmt.Sprintf("%s of %d of %d images is not known, or nothing that the net has seen; it is %s, from a column of that name in a CSV file", c.Name, n, len(samples), values))
		}
	}
	return out
}
