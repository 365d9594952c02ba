package reports

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path/filepath"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

var classes = []string{"normal_mild", "moderate", "severe"}

// begin makes a run in a new database; the returned function reads it back.
func begin(t testing.TB, info results.RunInfo) (*results.Run, func() *results.RunRecord) {
	t.Helper()
	db, err := results.Open(t.Context(), filepath.Join(t.TempDir(), "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	at := time.Date(2026, 11, 24, 21, 3, 0, 0, time.UTC)
	info.Now = func() time.Time { at = at.Add(97 * time.Second); return at }
	run, err := db.Begin(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	return run, func() *results.RunRecord {
		rec, err := db.Load(t.Context(), run.ID())
		if err != nil {
			t.Fatal(err)
		}
		// What differs from machine to machine must not be in a golden file.
		rec.Host, rec.PID = "radiology-07", 41236
		return rec
	}
}

// sample is a run as a night of training leaves it.
func sample(t testing.TB) *results.RunRecord {
	t.Helper()
	run, read := begin(t, results.RunInfo{
		Name: "frozen-then-top", Purpose: "Does unfreezing layer4.1 and layer4.2 help over a trained head?",
		File: "experiments/frozen-then-top.yaml", Experiment: sampleYAML, Fingerprint: "9f2c61d4a8b7", Seed: 42,
		Facts: []stage.Fact{{Name: "device", Value: "cuda:0 (NVIDIA H100 80GB HBM3)"}, {Name: "libtorch", Value: "2.4.1+cu124"},
			{Name: "driver", Value: "550.90.07"}, {Name: "threads", Value: "16"}, {Name: "precision", Value: "bf16"},
			{Name: "data fingerprint", Value: "sha256:5b1f0e9d33c1a7e2c0d4b6a8f9e7d5c3b1a09f8e7d6c5b4a39281706f5e4d3c2"}},
	})
	for _, records := range [][]stage.Record{sampleData(), sampleTraining(), sampleResults(), samplePictures(t), sampleEvents(), samplePredictions()} {
		if err := run.Record(t.Context(), records...); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Finish(t.Context(), results.Done, nil); err != nil {
		t.Fatal(err)
	}
	return read()
}

func sampleData() []stage.Record {
	return []stage.Record{
		stage.Table{Name: "drops", Title: "Left out, and why", Section: "data", Columns: []string{"reason", "cases", "examples"}, Rows: [][]any{
			{"listed in the experiment: studies", 25, "3008676218_spinal_canal_stenosis_l1_l2"},
			{"no label", 572, "1000101_left_subarticular_stenosis_l1_l2, 1003901_right_subarticular_stenosis_l1_l2"},
			{"point without a label", 35, "1012284_right_neural_foraminal_narrowing_l5_s1"},
			{"image file missing", 2, "2388577668_spinal_canal_stenosis_l2_l3"},
		}},
		stage.Table{Name: "splits", Title: "Cases per split and class", Section: "data", Columns: []string{"split", "studies", "normal_mild", "moderate", "severe", "all"}, Rows: [][]any{
			{"train", 1382, 26413, 5570, 2168, 34151}, {"validation", 395, 7561, 1590, 617, 9768}, {"test", 198, 3780, 800, 304, 4884}}},
		stage.Bars{Name: "splits", Title: "Classes", Section: "data", YLabel: "cases", Categories: classes, Groups: []stage.BarGroup{
			{Label: "train", Values: []float64{26413, 5570, 2168}}, {Label: "validation", Values: []float64{7561, 1590, 617}}, {Label: "test", Values: []float64{3780, 800, 304}}}},
		stage.Matrix{Name: "conditions", Title: "Severe, percent of cases", Section: "data", RowsTitle: "condition", ColumnTitle: "level",
			Rows:    []string{"spinal canal", "left foraminal", "right foraminal", "left subarticular", "right subarticular"},
			Columns: []string{"L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"},
			Values:  [][]float64{{0.6, 2.4, 6.1, 12.4, 2.3}, {0.3, 0.9, 2.8, 6.9, 9.3}, {0.3, 0.8, 2.5, 6.7, 8.9}, {1.1, 3.6, 9.3, 21.4, 11.2}, {1.2, 3.3, 9.9, 22.1, 10.8}}},
		stage.Curve{Name: "intensity", Title: "Intensity after preprocessing", Section: "data", XLabel: "intensity", YLabel: "share of pixels", Lines: intensities()},
	}
}

func intensities() []stage.Line {
	var lines []stage.Line
	for i, split := range stage.Splits {
		l := stage.Line{Label: string(split)}
		for x := 0.0; x <= 255; x++ {
			l.X = append(l.X, x)
			l.Y = append(l.Y, 0.02*math.Exp(-x/40)+0.006*math.Exp(-math.Pow((x-120-float64(3*i))/45, 2)))
		}
		lines = append(lines, l)
	}
	return lines
}

// sampleTraining has two phases, of 18 and 13 epochs.
func sampleTraining() []stage.Record {
	noise := stage.Rand(1, "sample")
	var records []stage.Record
	add := func(epoch int, name, title, series string, v float64, unit string, better stage.Direction) {
		phase := "head"
		if epoch > 18 {
			phase = "top"
		}
		records = append(records, stage.Scalar{Name: name, Title: title, Series: series, Phase: phase, Epoch: epoch, Step: epoch * 533, Value: v, Unit: unit, Better: better})
	}
	for e := 1; e <= 31; e++ {
		x, top := float64(e), math.Max(0, float64(e-18))
		wobble := func(s float64) float64 { return s * noise.NormFloat64() }
		add(e, "loss", "Focal loss", "train", 0.22*math.Exp(-x/7)+0.19-0.05*(1-math.Exp(-top/4))+wobble(0.002), "", stage.LowerBetter)
		add(e, "loss", "Focal loss", "validation", 0.17*math.Exp(-x/6)+0.21-0.02*(1-math.Exp(-top/2))+0.0016*top+wobble(0.004), "", stage.LowerBetter)
		add(e, "rsna_log_loss", "RSNA log loss", "validation", 0.55*math.Exp(-x/6)+0.63-0.07*(1-math.Exp(-top/2))+0.003*top+wobble(0.01), "", stage.LowerBetter)
		add(e, "macro_f1", "Macro F1", "validation", 0.58-0.28*math.Exp(-x/5)+0.06*(1-math.Exp(-top/3))+wobble(0.007), "", stage.HigherBetter)
		kappa := 0.61 - 0.4*math.Exp(-x/5) + 0.05*(1-math.Exp(-top/3)) + wobble(0.008)
		if e == 4 {
			kappa = math.NaN()
		}
		add(e, "kappa", "Quadratic kappa", "validation", kappa, "", stage.HigherBetter)
		rate := 1e-4 * math.Pow(0.2, math.Floor(x/7))
		if e > 18 {
			rate = 1e-5 * math.Pow(0.2, math.Floor(top/9))
			add(e, "learning_rate", "Learning rate", "layer4.1", rate/10, "", "")
			add(e, "learning_rate", "Learning rate", "layer4.2", rate/3, "", "")
		}
		add(e, "learning_rate", "Learning rate", "head", rate, "", "")
		add(e, "throughput", "Throughput", "train", 2900-900*math.Min(1, top)+wobble(40), "images/s", stage.HigherBetter)
		add(e, "gradient_norm", "Gradient norm", "train", 3*math.Exp(-x/9)+0.4+math.Abs(wobble(0.2)), "", "")
	}
	for step := 1; step <= 16523; step += 4 {
		x, phase := float64(step), "head"
		if step > 18*533 {
			phase = "top"
		}
		records = append(records, stage.Scalar{Name: "step_loss", Title: "Loss of a batch", Series: "train", Phase: phase, Epoch: 1 + step/533, Step: step,
			Value: 0.25*math.Exp(-x/4000) + 0.17 + 0.03*noise.NormFloat64(), Better: stage.LowerBetter})
	}
	return append(records,
		stage.Scalar{Name: "setup", Title: "Time to first step", Series: "train", Phase: "head", Epoch: 1, Step: 1, Value: 7.31, Unit: "s"},
		stage.PhaseRecord{Name: "head", Index: 0, Trainable: 2_104_323, Total: 25_612_355, Groups: []string{"head"}, FirstEpoch: 1, LastEpoch: 18, BestEpoch: 15, Ended: "no better for 3 epochs"},
		stage.PhaseRecord{Name: "top", Index: 1, Trainable: 11_029_507, Total: 25_612_355, Groups: []string{"layer4.1", "layer4.2", "head"}, FirstEpoch: 19, LastEpoch: 31, BestEpoch: 23, Ended: "all epochs done"})
}

func sampleResults() []stage.Record {
	var records []stage.Record
	for _, s := range []struct {
		name, title string
		validation  float64
		better      stage.Direction
	}{
		{"rsna_log_loss", "RSNA log loss", 0.5713, stage.LowerBetter}, {"accuracy", "Accuracy", 0.8123, stage.HigherBetter},
		{"balanced_accuracy", "Balanced accuracy", 0.6641, stage.HigherBetter}, {"macro_f1", "Macro F1", 0.6432, stage.HigherBetter},
		{"kappa", "Quadratic kappa", 0.6618, stage.HigherBetter}, {"auroc", "AUROC, one against the rest", 0.8977, stage.HigherBetter},
		{"ece", "Expected calibration error", 0.0341, stage.LowerBetter}, {"f1.normal_mild", "F1, normal_mild", 0.9012, stage.HigherBetter},
		{"f1.moderate", "F1, moderate", 0.4631, stage.HigherBetter}, {"f1.severe", "F1, severe", 0.5655, stage.HigherBetter},
		{"recall.severe", "Recall, severe", 0.61, stage.HigherBetter}, {"precision.severe", "Precision, severe", 0.527, stage.HigherBetter},
		{"recall.moderate", "Recall, moderate", 0.49, stage.HigherBetter}, {"brier", "Brier score", 0.271, stage.LowerBetter},
	} {
		for i, split := range []stage.Split{stage.Validation, stage.Test} {
			records = append(records, stage.Scalar{Name: s.name, Title: s.title, Series: string(split), Epoch: stage.Final, Value: s.validation * (1 - 0.013*float64(i)), Better: s.better})
		}
	}
	records = append(records, stage.Scalar{Name: "accuracy", Title: "Accuracy", Series: "train", Epoch: stage.Final, Value: 0.88, Better: stage.HigherBetter})
	for i, split := range []stage.Split{stage.Validation, stage.Test} {
		k := float64(2 - i)
		records = append(records,
			stage.Matrix{Name: "confusion", Title: fmt.Sprintf("Confusion, %s", split), Section: "results", RowsTitle: "truth", ColumnTitle: "prediction", Rows: classes, Columns: classes,
				Values: [][]float64{{3391 * k, 340 * k, 49 * k}, {265 * k, 417 * k, 118 * k}, {28 * k, 89 * k, 187 * k}}},
			stage.Curve{Name: "roc", Title: fmt.Sprintf("ROC, %s", split), Section: "results", XLabel: "false positive rate", YLabel: "true positive rate", Lines: rocLines()},
			stage.Curve{Name: "calibration", Title: fmt.Sprintf("Calibration, %s", split), Section: "results", XLabel: "confidence", YLabel: "accuracy",
				Lines: []stage.Line{{Label: "model", X: []float64{.35, .45, .55, .65, .75, .85, .95}, Y: []float64{.31, .44, .5, .61, .74, .86, .97}}, {Label: "perfect", X: []float64{0, 1}, Y: []float64{0, 1}}}})
	}
	return append(records, stage.Table{Name: "groups", Title: "By condition, test", Section: "results",
		Columns: []string{"condition", "cases", "RSNA log loss", "macro F1", "kappa", "recall, severe"}, Rows: [][]any{
			{"spinal_canal_stenosis", 986, 0.4127, 0.7131, 0.7541, 0.702}, {"left_neural_foraminal_narrowing", 984, 0.5811, 0.6211, 0.6402, 0.59},
			{"right_neural_foraminal_narrowing", 981, 0.5927, 0.6312, 0.6388, 0.61}, {"left_subarticular_stenosis", 965, 0.6744, 0.6001, 0.6121, math.NaN()},
			{"right_subarticular_stenosis", 968, 0.6812, 0.5987, 0.6099, 0.63}}})
}

func rocLines() []stage.Line {
	var lines []stage.Line
	for i, class := range classes {
		l := stage.Line{Label: fmt.Sprintf("%s (AUROC %.3f)", class, 0.91-0.02*float64(i))}
		for k := range 4001 {
			x := float64(k) / 4000
			l.X, l.Y = append(l.X, x), append(l.Y, math.Pow(x, 0.09+0.07*float64(i)))
		}
		lines = append(lines, l)
	}
	return lines
}

func samplePictures(t testing.TB) []stage.Record {
	g := stage.Gallery{Name: "most_wrong", Title: "Most wrong, test", Section: "results"}
	a := stage.Gallery{Name: "augmented", Title: "What the net sees in training", Section: "data"}
	for i := range 10 {
		g.Pictures = append(g.Pictures, stage.Picture{PNG: picture(t, i, 128), Caption: fmt.Sprintf("%d spinal_canal_stenosis l4_l5: truth severe, prediction normal_mild (0.9%d)", 100206310+i, 9-i)})
	}
	for i := range 6 {
		a.Pictures = append(a.Pictures, stage.Picture{PNG: picture(t, 30+i, 96), Caption: fmt.Sprintf("rotate %d°, zoom %.2f", 5*i-12, 1+0.02*float64(i))})
	}
	return []stage.Record{a, g}
}

// picture looks a little like a spine.
func picture(t testing.TB, seed, side int) []byte {
	t.Helper()
	img, noise := image.NewGray(image.Rect(0, 0, side, side)), stage.Rand(uint64(seed), "picture")
	for y := range side {
		for x := range side {
			fx, fy := float64(x)/float64(side)-0.5, float64(y)/float64(side)
			v := 60 + 110*math.Exp(-math.Pow((fx-0.08*math.Sin(3*fy+float64(seed)))*7, 2))*(0.6+0.4*math.Cos(fy*30)) + 12*noise.NormFloat64()
			img.SetGray(x, y, color.Gray{Y: uint8(math.Max(0, math.Min(255, v)))})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sampleEvents() []stage.Record {
	return []stage.Record{
		stage.Event{Level: "info", Stage: "audit", Text: "6,294 series and 48,692 points read"},
		stage.Event{Level: "warning", Stage: "audit", Text: "study 3637444890: five spinal points lie on its Sagittal T1 series 3951475160"},
		stage.Event{Level: "info", Stage: "preprocess", Text: "34,151 of 48,803 images came from the cache"},
		stage.Event{Level: "warning", Stage: "train", Text: "learning rate of head fell to 4e-6 and did not change the loss for 3 epochs"},
		stage.Artefact{Kind: "checkpoint", Path: "runs/2026-11-24-frozen-then-top/best.safetensors", Bytes: 102_563_112, SHA256: "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
		stage.Artefact{Kind: "log", Path: "runs/2026-11-24-frozen-then-top/log.jsonl", Bytes: 48_210, SHA256: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"},
	}
}

func samplePredictions() []stage.Record {
	var records []stage.Record
	for i := range 300 {
		split := stage.Validation
		if i%3 == 0 {
			split = stage.Test
		}
		records = append(records, stage.Prediction{CaseID: fmt.Sprint(i), Split: split, Phase: "top", Probabilities: []float64{0.2, 0.3, 0.5}})
	}
	return records
}

// failed is a run that ended before its first epoch.
func failed(t testing.TB) *results.RunRecord {
	t.Helper()
	run, read := begin(t, results.RunInfo{Name: "big batch", Seed: 7, Experiment: "name: big batch\n"})
	cause := stage.Fault{Err: errors.New("train: phase head, epoch 1, step 3: the device has no memory left (wanted 2.4 GB, 0.9 GB free)"), Hint: "halve train.batch, or set train.accumulate: 2"}
	err := errors.Join(run.Record(t.Context(), sampleData()[0], stage.Event{Level: "error", Stage: "train", Text: "out of memory"}),
		run.Finish(t.Context(), results.Failed, cause))
	if err != nil {
		t.Fatal(err)
	}
	return read()
}

const sampleYAML = `name: frozen-then-top
purpose: Does unfreezing layer4.1 and layer4.2 help over a trained head?
seed: 42
data:
  source:
    rsna: {root: ../data/rsna}
  drop:
    studies: [3008676218]
  split: {by: study, stratify: [label], validation: 0.2, test: 0.1}  # 395 and 198 studies
preprocess:
  - decode
  - crop: {around: point, millimetres: 80}
  - resize: {pixels: 224}
train:
  batch: 64
  optimizer:
    adam: {rate: 1e-4}
`
