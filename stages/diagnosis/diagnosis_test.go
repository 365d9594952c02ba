package diagnosis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func losses(series stage.Split, values ...float64) (out []stage.Scalar) {
	for i, v := range values {
		out = append(out, stage.Scalar{Name: "loss", Series: string(series), Epoch: i + 1, Value: v}, stage.Scalar{Name: "accuracy", Series: string(series), Epoch: i + 1, Value: 1 - v})
	}
	return append(out, stage.Scalar{Name: "loss", Series: string(series), Epoch: stage.Final, Value: slices.Min(values)})
}

func final(name, series string, value, low, high float64) stage.Scalar {
	return stage.Scalar{Name: name, Series: series, Epoch: stage.Final, Value: value, Interval: &stage.Interval{Low: low, High: high}}
}

// TestRules: each rule says its finding where it holds, and nothing just beside.
func TestRules(t *testing.T) {
	t.Parallel()
	confusion := func(values ...[]float64) Run {
		return Run{Matrices: []stage.Matrix{{Name: "confusion", Columns: []string{"no", "yes"}, Values: values}}}
	}
	curves := func(train, validation []float64) Run {
		return Run{Scalars: append(losses(stage.Train, train...), losses(stage.Validation, validation...)...)}
	}
	pixels := func(mean, deviation, otherMean, other float64) Run {
		return Run{Tables: []stage.Table{{Name: "input_statistics", Rows: [][]any{{"train", 9, mean, deviation}, {"validation", 3, otherMean, other}}}}}
	}
	numerics := func(name string, loss, exact, logits, gradients float64) Run {
		return Run{Tables: []stage.Table{{Name: name, Rows: [][]any{{}, {"head", "fp16", 9, loss, exact, 0.1, logits, 100.0, gradients, 0.9}}}}}
	}
	targets := func(rows ...[]any) Run {
		return Run{Tables: []stage.Table{{Name: "confusion_by_target", Columns: []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}, Rows: rows}}}
	}
	scalars := func(s ...stage.Scalar) Run { return Run{Scalars: s} }
	setTable := func(rows ...[]any) Run {
		return Run{Tables: []stage.Table{{Name: "sets_by_class", Title: "Sets", Rows: rows}}}
	}
	beside := func(row ...any) Run {
		return Run{Tables: []stage.Table{{Name: "beside_run", Rows: [][]any{row, {"f1", 0.1, 0.9, "test", 0.8, "worse"}}}}}
	}
	unlike := func(share, low float64) Run {
		return Run{Tables: []stage.Table{{Name: "outlier_shares", Rows: [][]any{{0.01, 0.01, 0.3}, {0.05, 0.05, stage.Estimate{Value: share, Low: low, High: 0.9}}}}}}
	}
	guess := final("loss", "validation baseline", 0.9, 0, 0)
	for _, c := range []struct {
		name string
		run  Run
		want []string
	}{
		{"nothing", Run{}, nil},
		{"interval reaches the guess", scalars(final("loss", "validation", 0.8, 0.7, 0.95), guess), []string{"no better than a guess"}},
		{"but ranks well", scalars(final("loss", "validation", 0.8, 0.7, 0.95), guess, final("macro_auroc", "validation", 0.9, 0.8, 0.95), final("macro_auroc", "validation baseline", 0.5, 0, 0)), []string{"probabilities no better than a guess"}},
		{"ranks like a guess", scalars(final("loss", "validation", 0.8, 0.7, 0.95), guess, final("macro_auroc", "validation", 0.6, 0.45, 0.75), final("macro_auroc", "validation baseline", 0.5, 0, 0)), []string{"no better than a guess"}},
		{"ranks perfectly", scalars(final("loss", "validation", 0.8, 0.7, 0.95), guess, stage.Scalar{Name: "macro_auroc", Series: "validation", Epoch: stage.Final, Value: 1}, final("macro_auroc", "validation baseline", 0.5, 0, 0)), []string{"probabilities no better than a guess"}},
		{"surely better", scalars(final("loss", "validation", 0.8, 0.7, 0.85), guess), nil},
		{"surely better once calibrated", scalars(final("loss", "validation", 0.8, 0.7, 0.95), final("loss", "validation calibrated", 0.7, 0.6, 0.8), guess), nil},
		{"elsewhere", scalars(final("loss", "test", 0.8, 0.7, 0.95), final("loss", "test baseline", 0.9, 0, 0)), []string{"no better than a guess"}},
		{"wide", scalars(final("accuracy", "validation", 0.7, 0.55, 0.8)), []string{"split too small to tell"}},
		{"narrow", scalars(final("accuracy", "validation", 0.7, 0.65, 0.8)), nil},
		{"rises", curves([]float64{1, 0.8, 0.5, 0.3}, []float64{1, 0.9, 1, 1.2}), []string{"overfitting"}},
		{"both rise", curves([]float64{1, 0.8, 0.9, 0.9}, []float64{1, 0.9, 1, 1.2}), nil},
		{"falls on", curves([]float64{1, 0.8, 0.6}, []float64{1, 0.9, 0.8}), []string{"plateau never reached"}},
		{"falls on, and goes on", Run{Scalars: curves([]float64{1, 0.8, 0.6}, []float64{1, 0.9, 0.8}).Scalars, Running: true}, nil},
		{"flat", curves([]float64{1, 0.8, 0.6}, []float64{1, 0.9, 0.895}), nil},
		{"never yes", confusion([]float64{5, 0}, []float64{3, 0}), []string{"class never predicted"}},
		{"diverges", scalars(append(losses(stage.Train, 2, 30), guess)...), []string{"training diverged"}},
		{"diverged at first", scalars(append(losses(stage.Train, 30, 2), guess)...), nil},
		{"no yes there is", confusion([]float64{5, 0}, []float64{0, 0}), nil},
		{"hernia never", targets([]any{"mass", 9, 1, 3, 1}, []any{"hernia", 13.0, 0.0, 1.0, 0.0}), []string{"targets never found"}},
		{"no hernia there is", targets([]any{"mass", 9, 1, 3, 1}, []any{"hernia", 14, 0, 0, 0}), nil},
		{"hernia wrongly", targets([]any{"hernia", 9, 1, 3, 0}, []any{}), nil},
		{"mostly no", confusion([]float64{60, 0}, []float64{25, 15}), []string{"bias towards the largest class"}},
		{"a little more no", confusion([]float64{60, 0}, []float64{9, 31}), nil},
		{"more of the smaller", confusion([]float64{40, 20}, []float64{0, 40}), nil},
		{"splits alike", pixels(0.5, 0.2, 0.54, 0.24), nil},
		{"another mean", pixels(0.5, 0.2, 0.56, 0.2), []string{"input differs between splits"}},
		{"another spread", pixels(0.5, 0.2, 0.5, 0.13), []string{"input differs between splits"}},
		{"odd tables", Run{Tables: []stage.Table{{Name: "input_statistics", Rows: [][]any{{}, {1, 2, 3, 4}, {"train", 1, 0.5, 0.0}, {"test", 1, 0.9, 0.1}}}}}, nil},
		{"too sure", scalars(final("calibration_error", "validation", 0.06, 0.05, 0.07)), []string{"probabilities not to be trusted"}},
		{"sets without severe", setTable([]any{"mild", 90, "", stage.Estimate{Value: 0.95, Low: 0.92, High: 0.97}}, []any{"severe", 9, "", stage.Estimate{Value: 0.3, Low: 0.1, High: 0.6}}, []any{"all", 99, 0.9, stage.Estimate{Value: 0.9, Low: 0.86, High: 0.93}}), []string{"sets leave a class out"}},
		{"sets that fall short", setTable([]any{"mild", 90, "", 0.95}, []any{"all", 99, 0.9, stage.Estimate{Value: 0.8, Low: 0.7, High: 0.89}}), []string{"sets hold less than promised"}},
		{"sets that do not", setTable([]any{"mild", 90, 0.9, 0.3}, []any{"severe"}, []any{"all", 99, 0.9, stage.Estimate{Value: 0.8, Low: 0.7, High: 0.91}}), nil},
		{"gradients overflow", numerics("numerics", 1, 1, 0.01, math.Inf(1)), []string{"numbers too large for the precision"}},
		{"the loss overflows in a fold", numerics("numerics fold 2", math.NaN(), 1, 0.01, 0.1), []string{"numbers too large for the precision"}},
		{"fp32 overflows as well", numerics("numerics", math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)), nil},
		{"gradients of zeros", numerics("numerics", 1, 1, 0.01, math.NaN()), nil},
		{"far apart", numerics("numerics", 1, 1, 0.5, 2), nil},
		{"too sure, calibrated", scalars(final("calibration_error", "validation", 0.2, 0, 0), final("calibration_error", "validation calibrated", 0.06, 0, 0)), []string{"probabilities not to be trusted"}},
		{"calibrated", scalars(final("calibration_error", "validation", 0.2, 0, 0), final("calibration_error", "validation calibrated", 0.04, 0, 0)), nil},
		{"too few to tell", scalars(final("calibration_error", "validation", 0.06, 0.002, 0.27)), nil},
		{"surely too sure", scalars(final("calibration_error", "validation", 0.06, 0.04, 0.08)), []string{"probabilities not to be trusted"}},
		{"worse elsewhere", beside("loss", stage.Estimate{Value: 0.9}, stage.Estimate{Value: 0.5}, "test", stage.Estimate{Value: 0.4, Low: 0.1, High: 0.7}, "worse"), []string{"worse on other data"}},
		{"perhaps worse elsewhere", beside("loss", 0.9, 0.5, "test", stage.Estimate{Value: 0.4, Low: -0.1, High: 0.7}, "indistinguishable"), nil},
		{"nothing beside", beside(), nil},
		{"unlike", unlike(0.2, 0.08), []string{"images unlike those of the training"}},
		{"alike", unlike(0.1, 0.08), nil},
		{"one of five, which may be chance", unlike(0.2, 0.005), nil},
		{"fewer than expected", scalars(final("observed_expected", "test", 0.5, 0.4, 0.6), final("calibration_slope", "test", 1, 0.9, 1.1)), []string{"probabilities do not fit"}},
		{"too near to 0 and 1", scalars(final("observed_expected", "test", 1, 0.9, 1.1), final("calibration_slope", "test", 0.5, 0.4, 0.6)), []string{"probabilities do not fit"}},
		{"fits once calibrated", scalars(final("observed_expected", "test", 0.5, 0.4, 0.6), final("observed_expected", "test calibrated", 1, 0.8, 1.2)), nil},
		{"sure enough", scalars(final("calibration_error", "validation", 0.05, 0, 0)), nil},
	} {
		var got []string
		for _, f := range Of(c.run) {
			got = append(got, f.Name)
			if f.Text == "" || f.Figure == "" || f.Try == "" {
				t.Errorf("%s: %+v lacks something", c.name, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestText: the sentences say the numbers that the rules went by.
func TestText(t *testing.T) {
	t.Parallel()
	scalars := func(s ...stage.Scalar) Run { return Run{Scalars: s} }
	loss, guess := final("loss", "validation calibrated", 0.8, 0.7, 0.95), final("loss", "validation baseline", 0.9, 0, 0)
	estimate := func(value, low, high float64) stage.Estimate {
		return stage.Estimate{Value: value, Low: low, High: high}
	}
	for text, run := range map[string]Run{
		"The validation loss was least in epoch 2 (0.900) and rose to 1.200, while the training loss fell from 0.800 to 0.300.": {
			Scalars: append(losses(stage.Train, 1, 0.8, 0.5, 0.3), losses(stage.Validation, 1, 0.9, 1, 1.2)...)},
		"The validation loss still fell in the last epoch, from 0.900 to 0.700.":                                                           {Scalars: losses(stage.Validation, 1, 0.9, 0.7)},
		"The training loss is 30 in the last epoch, where a guess from the training labels has 2.500: the steps were too large.":           scalars(append(losses(stage.Train, 2, 30), final("loss", "validation baseline", 2.5, 0, 0))...),
		"The calibrated validation loss 0.800 (0.700 to 0.950) is not surely below 0.900, that of a guess from the training labels alone.": scalars(loss, guess, final("macro_auroc", "validation", 0.7, 0.5, 0.8), final("macro_auroc", "validation baseline", 0.5, 0, 0)),
		"The calibrated validation loss 0.800 (0.700 to 0.950) is not surely below 0.900, that of a guess, though balanced_accuracy is 0.600, surely above 0.250: cases are told apart, and their probabilities are off, as class weights or a training that ended early make them.": scalars(
			loss, guess, final("balanced_accuracy", "validation", 0.6, 0.5, 0.7), final("balanced_accuracy", "validation baseline", 0.25, 0, 0)),
		"The accuracy may be anything from 0.550 to 0.800: the validation split is too small to tell runs apart.": scalars(final("accuracy", "validation", 0.7, 0.55, 0.8)),
		"Stated probabilities miss what happens by 0.060 on average.":                                             scalars(final("calibration_error", "validation", 0.06, 0.05, 0.07)),
		"Stated probabilities miss what happens by 0.200 on average, after calibration by 0.060.":                 scalars(final("calibration_error", "validation", 0.2, 0, 0), final("calibration_error", "validation calibrated", 0.06, 0, 0)),
		"For each case that the probabilities promise there are 0.50 (0.40 to 0.60, test, calibrated): what they say of how frequent it is does not hold here.": scalars(
			final("observed_expected", "test", 1, 0.9, 1.1), final("observed_expected", "test calibrated", 0.5, 0.4, 0.6)),
		"The calibration slope is 0.80 (0.60 to 0.90, test): probabilities are too sure.":        scalars(final("calibration_slope", "test", 0.8, 0.6, 0.9)),
		"The calibration slope is 1.50 (1.20 to 1.90, test): probabilities are not sure enough.": scalars(final("calibration_slope", "test", 1.5, 1.2, 1.9)),
		"80 % of cases are taken for b, though 50 % are; of c only 10 % are recognised (M).": {Matrices: []stage.Matrix{{Name: "confusion", Title: "M", Columns: []string{"a", "b", "c", "d"},
			Values: [][]float64{{6, 24, 0, 0}, {0, 50, 0, 0}, {12, 6, 2, 0}, {0, 0, 0, 0}}}}},
		"Pixels of the test split have the mean 0.700 and the standard deviation 0.190, those of training 0.500 and 0.200.": {Tables: []stage.Table{
			{Name: "other"}, {Name: "input_statistics", Rows: [][]any{{"train", 9, 0.5, 0.2}, {"validation", 3, 0.52, 0.21}, {"test", 3, 0.7, 0.19}}}}},
		"After phase head outputs are not finite in fp16 on a batch that fp32 computes without trouble.": {Tables: []stage.Table{
			{Name: "numerics", Rows: [][]any{{"head", "fp16", 9, 1.0, 1.0, 0.1, math.Inf(1), 100.0, math.Inf(1), 0.9}}}}},
		"After phase all gradients are not finite in bf16 on a batch that fp32 computes without trouble.": {Tables: []stage.Table{
			{Name: "numerics", Rows: [][]any{{"all", "bf16", 9, 1.0, 1.0, 0.1, 0.2, 100.0, math.Inf(1)}}}}},
		"F1 is 0.600 on these data, and was 0.900 on the run's own test split: a difference of -0.300 (-0.400 to -0.100), surely none of chance.": {Tables: []stage.Table{
			{Name: "beside_run", Rows: [][]any{{"F1", estimate(0.6, 0.5, 0.7), estimate(0.9, 0.8, 1), "test", estimate(-0.3, -0.4, -0.1), "worse"}}}}},
		"20 % of the images (8 to 30 %) have an outlier_p of at most 0.05, where 5 % of images like the run's have.": {Tables: []stage.Table{
			{Name: "outlier_shares", Rows: [][]any{{0.01, 0.01, estimate(0.5, 0.4, 0.6)}, {0.05, 0.05, estimate(0.2, 0.08, 0.3)}}}}},
		"The true class is in 80 % of prediction sets (70 to 89 %), where 90 % were asked for (S).": {Tables: []stage.Table{
			{Name: "sets_by_class", Title: "S", Rows: [][]any{{"mild", 90, "", 0.95}, {"all", 99, 0.9, estimate(0.8, 0.7, 0.89)}}}}},
		"Of 2 targets 1 is never taken for yes, though having cases: hernia (3) (T).": {Tables: []stage.Table{{Name: "confusion_by_target", Title: "T",
			Columns: []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}, Rows: [][]any{{"mass", 9, 1, 0, 0}, {"hernia", 9, 0, 3, 0}}}}},
	} {
		if got := Of(run); len(got) != 1 || got[0].Text != text {
			t.Errorf("got  %+v\nwant %s", got, text)
		}
	}
}

// TestCalibrateWords: what to write depends on whose settings they are.
func TestCalibrateWords(t *testing.T) {
	t.Parallel()
	never := []stage.Table{{Name: "confusion_by_target", Columns: []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}, Rows: [][]any{{"hernia", 9, 0, 3, 0}}}}
	for want, run := range map[string]Run{"evaluate: {calibrate: ": {}, "runner ensemble with --calibrate ": {Blended: true}} {
		run.Scalars = []stage.Scalar{final("calibration_error", "validation", 0.06, 0.05, 0.07)}
		run.Tables = never
		got := Of(run)
		if len(got) != 2 || !strings.HasPrefix(got[0].Try, want+"threshold") || !strings.HasPrefix(got[1].Try, want+"temperature") {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
	elsewhere := Of(Run{External: true, Tables: never, Scalars: []stage.Scalar{final("calibration_error", "validation", 0.06, 0.05, 0.07)}})
	if len(elsewhere) != 2 || elsewhere[0].Try != boundary || elsewhere[1].Try != "runner recalibrate RUN FILE --by temperature" {
		t.Errorf("got %+v", elsewhere)
	}
}

// TestNeverPredictedNamesAll: of several classes that are never predicted none is left out.
func TestNeverPredictedNamesAll(t *testing.T) {
	t.Parallel()
	for classes, want := range map[int]string{
		2: "No case is taken for b, though 1 are (M).",
		4: "No case is taken for b, c or d, though 3 are (M).",
		9: "No case is taken for 8 of 9 classes, such as b, though 8 are (M).",
	} {
		m := stage.Matrix{Name: "confusion", Title: "M"}
		for k := range classes {
			m.Columns = append(m.Columns, string(rune('a'+k)))
			m.Values = append(m.Values, append([]float64{1}, make([]float64, classes-1)...))
		}
		if got := neverPredicted(Run{Matrices: []stage.Matrix{m}}); got == nil || got.Text != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

// TestSetsLeaveOut says what was asked, and what to do, which is another thing where it was
// asked of each class.
func TestSetsLeaveOut(t *testing.T) {
	t.Parallel()
	table := func(asked any) []stage.Table {
		return []stage.Table{{Name: "sets_by_class", Title: "Sets, test", Rows: [][]any{{"severe", 9, asked, stage.Estimate{Value: 0.3, Low: 0.1, High: 0.6}}, {"all", 99, 0.9, 0.9}}}}
	}
	for _, c := range []struct {
		run       Run
		text, try string
	}{
		{Run{Tables: table("")}, "The prediction sets of its own cases hold severe in 30 %, where 90 % are asked for of all cases together (Sets, test).", "evaluate: {sets: {guarantee: class_conditional}}"},
		{Run{Tables: table(""), Blended: true}, "The prediction sets of its own cases hold severe in 30 %, where 90 % are asked for of all cases together (Sets, test).", "members of which the first says evaluate: "},
		{Run{Tables: table(0.9)}, "The prediction sets of its own cases hold severe in 30 %, where 90 % are asked for of each class (Sets, test).", "more validation cases"},
	} {
		if got := setsLeaveOut(c.run); got == nil || got.Text != c.text || !strings.HasPrefix(got.Try, c.try) {
			t.Errorf("got %+v", got)
		}
	}
}

// TestManyTargetsNeverFound are not all named.
func TestManyTargetsNeverFound(t *testing.T) {
	t.Parallel()
	table := stage.Table{Name: "confusion_by_target", Title: "Confusion", Columns: []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		table.Rows = append(table.Rows, []any{name, 5, 0, 2, 0})
	}
	want := "Of 8 targets 8 are never taken for yes, though having cases: a (2), b (2), c (2), d (2), e (2), f (2) and 2 more (Confusion)."
	if got := neverFound(Run{Tables: []stage.Table{table}}); got == nil || got.Text != want {
		t.Errorf("got %+v, want %s", got, want)
	}
}

// TestDecisionsAfterCalibration: what a calibration decides otherwise is judged by it.
func TestDecisionsAfterCalibration(t *testing.T) {
	t.Parallel()
	matrix := func(name string, values ...[]float64) stage.Matrix {
		return stage.Matrix{Name: name, Columns: []string{"no", "yes"}, Values: values}
	}
	never, some := [][]float64{{50, 0}, {3, 0}}, [][]float64{{40, 10}, {1, 2}}
	table := func(name string, row ...any) stage.Table {
		return stage.Table{Name: name, Columns: []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}, Rows: [][]any{row}}
	}
	run := Run{
		Matrices: []stage.Matrix{matrix("confusion", never...), matrix("confusion_calibrated", some...)},
		Tables:   []stage.Table{table("confusion_by_target", "hernia", 13, 0, 1, 0), table("confusion_by_target_calibrated", "hernia", 12, 1, 0, 1)},
	}
	for _, f := range Of(run) {
		t.Errorf("found %+v", f)
	}
}

// TestWorseForSome takes the first row that is surely worse; one before correction is not.
func TestWorseForSome(t *testing.T) {
	t.Parallel()
	row := func(value, verdict string) []any {
		return []any{"scanner", value, 40, 12, "Accuracy", 0.6, 0.8, stage.Estimate{Value: -0.2, Low: -0.3, High: -0.1}, 0.001, 0.01, verdict}
	}
	table := func(rows ...[]any) Run {
		return Run{Tables: []stage.Table{{Name: "subgroup_gaps", Title: "Subgroups that differ from the rest, validation", Rows: rows}}}
	}
	got := worseForSome(table(row("a", "better"), row("b", "worse before correction"), row("c", "worse"), row("d", "worse")))
	want := "Where scanner is c, Accuracy is 0.600, and 0.800 elsewhere: a difference of -0.200 (-0.300 to -0.100), surely none of chance (Subgroups that differ from the rest, validation)."
	if got == nil || got.Text != want || got.Figure != "subgroup_gaps" {
		t.Errorf("got %+v, want %s", got, want)
	}
	if got := worseForSome(table(row("a", "better"), row("b", "indistinguishable"), nil)); got != nil {
		t.Errorf("got %+v", got)
	}
}

// TestAdviceOnOtherData: whoever tests nets on other data is not told to train them otherwise.
func TestAdviceOnOtherData(t *testing.T) {
	t.Parallel()
	run := Run{
		Scalars:  []stage.Scalar{final("loss", "test", 0.7, 0.6, 0.8), final("loss", "test baseline", 0.65, 0.65, 0.65)},
		Matrices: []stage.Matrix{{Name: "confusion", Columns: []string{"no", "yes"}, Values: [][]float64{{60, 0}, {40, 0}}}},
	}
	for _, run.External = range []bool{false, true} {
		said := map[string]string{}
		for _, f := range Of(run) {
			said[f.Name] = f.Try
		}
		for _, name := range []string{"no better than a guess", "class never predicted"} {
			if trains := strings.Contains(said[name], "train.balance") || strings.Contains(said[name], "train longer"); said[name] == "" || trains == run.External {
				t.Errorf("external %v: %s: %q", run.External, name, said[name])
			}
		}
	}
}
