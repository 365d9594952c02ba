package diagnosis

import (
	"fmt"
	"strings"

	"vertebra/stages/stage"
)

// ofOthersNets is what to try where other data show what training would mend: the nets are made.
var ofOthersNets = map[string]string{
	"no better than a guess":         "see whether the run does better on its own data; if it does, look at how these images were made: pixels, pictures, who is in the data",
	"class never predicted":          boundary,
	"bias towards the largest class": boundary,
	"targets never found":            boundary,
}

const boundary = "see whether the run does so on its own data; runner recalibrate RUN FILE moves what is taken for which class (vector, or threshold of two classes)"

// worseElsewhere reads whether the number that decides is surely worse on other data than on the
// run's own. Its row is the first.
func worseElsewhere(r Run) *Finding {
	for _, t := range r.Tables {
		if t.Name != "beside_run" || len(t.Rows) == 0 || len(t.Rows[0]) < 6 || t.Rows[0][5] != "worse" {
			continue
		}
		row := t.Rows[0]
		here, _ := row[1].(stage.Estimate)
		own, _ := row[2].(stage.Estimate)
		d, _ := row[4].(stage.Estimate)
		return &Finding{"worse on other data",
			fmt.Sprintf("%v is %.3f on these data, and was %.3f on the run's own %v split: a difference of %.3f (%.3f to %.3f), surely none of chance.",
				row[0], here.Value, own.Value, row[3], d.Value, d.Low, d.High),
			t.Name, "look at what differs: shares of the classes, pixels, subgroups, pictures of mistakes; train on some of these data too"}
	}
	return nil
}

// probabilitiesOff reads whether probabilities of a class are surely too high, too low or too sure.
func probabilitiesOff(r Run) *Finding {
	const name = "probabilities do not fit"
	series := string(stage.Test)
	if _, calibrated := r.final("observed_expected", series+" calibrated"); calibrated {
		series += " calibrated"
	}
	ratio, _ := r.final("observed_expected", series)
	slope, _ := r.final("calibration_slope", series)
	series = strings.Replace(series, " ", ", ", 1)
	try := "probabilities can be corrected on some of such data (" + r.calibrate("vector") + ")"
	switch {
	case without(ratio.Interval, 1):
		return &Finding{name, fmt.Sprintf("For each case that the probabilities promise there are %.2f (%.2f to %.2f, %s): what they say of how frequent it is does not hold here.",
			ratio.Value, ratio.Interval.Low, ratio.Interval.High, series), "recalibration", try}
	case without(slope.Interval, 1):
		word := "too sure"
		if slope.Value > 1 {
			word = "not sure enough"
		}
		return &Finding{name, fmt.Sprintf("The calibration slope is %.2f (%.2f to %.2f, %s): probabilities are %s.",
			slope.Value, slope.Interval.Low, slope.Interval.High, series, word), "recalibration", try}
	}
	return nil
}

// without says whether an interval surely leaves out a number.
func without(i *stage.Interval, number float64) bool {
	return i != nil && (i.Low > number || i.High < number)
}

// unlikeTraining reads whether surely more images are unlike those that the nets were trained on
// than chance makes.
func unlikeTraining(r Run) *Finding {
	const rare, many = 0.05, 0.15
	for _, t := range r.Tables {
		if t.Name != "outlier_shares" {
			continue
		}
		for _, row := range t.Rows {
			share, known := row[2].(stage.Estimate)
			if row[0] != rare || !known || share.Value < many || share.Low <= rare { // of few images one is soon many
				continue
			}
			return &Finding{"images unlike those of the training",
				fmt.Sprintf("%.0f %% of the images (%.0f to %.0f %%) have an outlier_p of at most %.2g, where %.0f %% of images like the run's have.", 100*share.Value, 100*share.Low, 100*share.High, rare, 100*rare),
				t.Name, "look at the pictures that are least alike, and at the steps that made them: another scanner, another unit of pixels, another part of the body"}
		}
	}
	return nil
}
