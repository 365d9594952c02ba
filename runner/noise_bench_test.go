package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vertebra/experiments"
	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// noiseLabels is an experiment on 100 patients whose labels are drawn without looking at the images:
// whatever it says of them, no net is right more often than chance. The epoch of each net is chosen
// by the AUROC of its validation cases.
const noiseLabels = `name: noise
data:
  source: {table: {file: cases.csv, image: path, group: patient, labels: [label]}}
  split: {by: study, folds: 5, %s, seed: %d}
preprocess: [decode, window, {resize: {pixels: 16}}]
model: {backbone: {convnet: {widths: [8, 8]}}, head: [{dense: {units: 16}}, relu], input: {channels: 1, mean: [0.5], std: [0.3]}}
train:
  batch: 16
  monitor: validation.macro_auroc
  optimizer: {adam: {rate: 3e-3}}
  phases: [{name: all, train: [all], epochs: 30}]
evaluate: {metrics: [auroc], intervals: {resamples: 0}, alike: 0}
seed: %d
`

// finalNumbers keeps the last numbers of a run, and what folds tested.
type finalNumbers struct {
	lock   sync.Mutex
	of     map[string]float64 // by series
	tested []stage.Prediction
}

func (f *finalNumbers) Record(_ context.Context, records ...stage.Record) error {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, r := range records {
		if s, is := r.(stage.Scalar); is && s.Epoch == stage.Final && s.Name == "macro_auroc" {
			f.of[s.Series] = s.Value
		}
		if p, is := r.(stage.Prediction); is && p.Split == stage.Test {
			f.tested = append(f.tested, p)
		}
	}
	return nil
}

func (*finalNumbers) Progress(stage.Progress) {}

// BenchmarkNoiseLabels is the simulation of docs/data.md: what AUROC runs report of labels that mean
// nothing, where chance has 0.5, with folds that validate and with folds that test in turn. For the table:
// go test -run '^$' -bench NoiseLabels -benchtime 1x ./runner
func BenchmarkNoiseLabels(b *testing.B) {
	const samples = 60
	root := b.TempDir()
	for _, mode := range []string{"validation", "test"} {
		split := "rotate: " + mode
		if mode == "test" {
			split += ", validation: 0.2"
		}
		b.Run(mode, func(b *testing.B) {
			found := map[string][]float64{}
			for b.Loop() {
				clear(found)
				for sample := range samples {
					for what, v := range noiseRun(b, filepath.Join(root, fmt.Sprint(sample)), split, sample) {
						found[what] = append(found[what], v)
					}
				}
			}
			reportMeans(b, found)
		})
	}
}

// reportMeans reports the mean of each list, and its standard error.
func reportMeans(b *testing.B, found map[string][]float64) {
	for what, values := range found {
		mean, spread := 0.0, 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		for _, v := range values {
			spread += (v - mean) * (v - mean)
		}
		b.ReportMetric(mean, what)
		b.ReportMetric(math.Sqrt(spread/float64(len(values)-1)/float64(len(values))), what+"-error")
	}
}

// BenchmarkNestedNoise is the simulation of docs/sweeps.md: what AUROC a search over settings reports of
// labels that mean nothing: of the best of twelve trials its validation and its test number, and of the
// search what nested cross-validation says. For the table:
// go test -run '^$' -bench NestedNoise -benchtime 1x -timeout 1h ./runner
func BenchmarkNestedNoise(b *testing.B) {
	const samples, trials, folds = 40, 12, 5
	root, found := b.TempDir(), map[string][]float64{}
	for b.Loop() {
		clear(found)
		for sample := range samples {
			var all []*finalNumbers
			best, chosen := 0, make([]int, folds)
			for trial := range trials {
				rate := 1e-3 * math.Pow(2, float64(trial)/2)
				all = append(all, noiseNets(b, filepath.Join(root, fmt.Sprint(sample)), "rotate: test, validation: 0.2", sample,
					fmt.Sprintf("train.optimizer.adam.rate=%.4g", rate), "train.phases.0.epochs=10", fmt.Sprintf("seed=%d", trial)))
				if all[trial].of["validation"] > all[best].of["validation"] {
					best = trial
				}
				for fold := range chosen {
					series := stage.FoldName("validation", fold+1)
					if all[trial].of[series] > all[chosen[fold]].of[series] {
						chosen[fold] = trial
					}
				}
			}
			var nested []stage.Prediction
			for fold, trial := range chosen {
				for _, p := range all[trial].tested {
					if p.Tags[stage.FoldTag] == fmt.Sprint(fold+1) {
						nested = append(nested, p)
					}
				}
			}
			cfg := evaluate.Config{Metrics: []registry.One[evaluate.Metric]{{Name: "auroc", Part: evaluate.AUROC{}}}}
			number, err := cfg.Number(b.Context(), stage.Env{}, []string{"no", "yes"}, nested, "macro_auroc")
			if err != nil || len(nested) != 100 {
				b.Fatalf("%d cases, %v", len(nested), err)
			}
			for what, v := range map[string]float64{"best-validation": all[best].of["validation"], "best-test": all[best].of["test"], "nested": number.Value} {
				found[what] = append(found[what], v)
			}
		}
	}
	reportMeans(b, found)
}

// noiseRun trains the nets of all folds, and gives the AUROC of validation and test, and the means of
// those of single folds.
func noiseRun(b *testing.B, root, split string, sample int) map[string]float64 {
	b.Helper()
	numbers := noiseNets(b, root, split, sample)
	out, folds := map[string]float64{}, map[string]float64{}
	for series, v := range numbers.of {
		of, _, single := stage.ParseFoldName(series)
		if single {
			out[of+"-folds-mean"] += v
			folds[of+"-folds-mean"]++
		} else if !strings.Contains(series, " ") {
			out[series] = v
		}
	}
	for of, n := range folds {
		out[of] /= n
	}
	return out
}

// noiseNets trains the nets of all folds on noise that the sample draws.
func noiseNets(b *testing.B, root, split string, sample int, sets ...string) *finalNumbers {
	b.Helper()
	r, rows := stage.Rand(uint64(sample), "noise labels"), "path,patient,label\n"
	if err := os.MkdirAll(root, 0o755); err != nil {
		b.Fatal(err)
	}
	for i, at := range r.Perm(100) {
		name := fmt.Sprintf("%03d.pgm", i)
		noisePicture(b, filepath.Join(root, name), uint64(1000*sample+i))
		rows += fmt.Sprintf("%s,p%03d,%s\n", name, i, []string{"no", "yes"}[at%2])
	}
	file := filepath.Join(root, "noise.yaml")
	for path, text := range map[string]string{filepath.Join(root, "cases.csv"): rows, file: fmt.Sprintf(noiseLabels, split, sample, sample)} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	e, _, err := experiments.Load(file, sets)
	if err != nil {
		b.Fatal(err)
	}
	numbers := &finalNumbers{of: map[string]float64{}}
	env := stage.Env{Now: time.Now, Cache: filepath.Join(root, "cache"), RunDir: b.TempDir(), Device: "cpu", Workers: 2, Threads: 1, Seed: e.Seed, Recorder: numbers}
	if err := run(b.Context(), e, env, earlier{}); err != nil {
		b.Fatal(err)
	}
	return numbers
}

// noisePicture draws 16 by 16 grey values that say nothing.
func noisePicture(b *testing.B, path string, seed uint64) {
	b.Helper()
	const side = 16
	values := stage.Rand(seed, "noise picture")
	text := fmt.Sprintf("P5\n%d %d\n255\n", side, side)
	pixels := []byte(text)
	for range side * side {
		pixels = append(pixels, byte(values.IntN(256)))
	}
	if err := os.WriteFile(path, pixels, 0o644); err != nil {
		b.Fatal(err)
	}
}
