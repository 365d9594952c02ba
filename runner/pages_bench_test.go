package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"vertebra/finished/compare"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// benchDB keeps the filled database: filling it takes minutes.
var (
	benchDB   = flag.String("bench-db", "", "database for the benchmarks of pages; made and filled where it is missing")
	benchRuns = flag.Int("bench-runs", 1000, "runs in it")
)

// What each run of it has; the last benchTold runs have predictions.
const (
	benchEpochs      = 200
	benchMetrics     = 30
	benchTold        = 50
	benchPredictions = 50_000
)

// openBench fills the database once.
func openBench(b *testing.B) *results.DB {
	b.Helper()
	if *benchDB == "" {
		b.Skip("make bench-results gives the database")
	}
	_, err := os.Stat(*benchDB)
	missing := os.IsNotExist(err)
	path := *benchDB
	if missing {
		path += ".part" // a half filled one is not taken for whole
		_ = os.Remove(path)
	}
	db, err := results.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	if missing {
		for i := range *benchRuns {
			fillBench(b, db, i)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(path, *benchDB); err != nil {
			b.Fatal(err)
		}
		return openBench(b)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func fillBench(b *testing.B, db *results.DB, i int) {
	b.Helper()
	at := time.Date(2026, 11, 1, 0, i, 0, 0, time.UTC)
	run, err := db.Begin(b.Context(), results.RunInfo{Name: fmt.Sprint("run ", i), Now: func() time.Time { return at }, Seed: 42,
		Experiment: fmt.Sprintf("name: run %d\nseed: 42\ntrain:\n  batch: %d\n  monitor: validation.metric_3\n", i, i),
		Facts:      []stage.Fact{{Name: evaluate.ClassesFact, Value: `["normal_mild","moderate","severe"]`}, {Name: "data fingerprint", Value: "d"}}})
	if err != nil {
		b.Fatal(err)
	}
	var records []stage.Record
	for k := range benchMetrics {
		for e := 1; e <= benchEpochs; e++ {
			records = append(records, stage.Scalar{Name: fmt.Sprint("metric_", k), Series: "validation", Phase: "all", Epoch: e, Step: e * 500,
				Value: 1 / float64(e+k+i%7), Better: stage.LowerBetter})
		}
		records = append(records, stage.Scalar{Name: fmt.Sprint("metric_", k), Series: "validation", Epoch: stage.Final, Value: 1 / float64(k+1)})
	}
	for _, name := range []string{"loss", "accuracy", "balanced_accuracy", "macro_f1"} {
		records = append(records, stage.Scalar{Name: name, Series: "validation", Epoch: stage.Final, Value: 0.5})
	}
	if i >= *benchRuns-benchTold {
		records = append(records, benchTells(i)...)
	}
	if err := run.Record(b.Context(), records...); err != nil {
		b.Fatal(err)
	}
	if err := run.Finish(b.Context(), results.Done, nil); err != nil {
		b.Fatal(err)
	}
}

// benchTells are predictions of 2,000 studies with 25 points each, as RSNA has
// them.
func benchTells(run int) (records []stage.Record) {
	rand := stage.Rand(1, "bench", run)
	conditions := []string{"spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_neural_foraminal_narrowing", "left_subarticular_stenosis", "right_subarticular_stenosis"}
	for i := range benchPredictions {
		label := i * 7 % 3
		p := []float64{rand.Float64(), rand.Float64(), rand.Float64()}
		p[label] += 0.6
		sum := p[0] + p[1] + p[2]
		for k := range p {
			p[k] /= sum
		}
		level := fmt.Sprintf("l%d_l%d", 1+i%5, 2+i%5)
		records = append(records, stage.Prediction{CaseID: fmt.Sprintf("%d_%s_%s", 4_003_253+i/25, conditions[i/5%5], level), Group: fmt.Sprint(4_003_253 + i/25),
			Split: stage.Validation, Phase: "all", Label: label, Probabilities: p, Tags: map[string]string{"condition": conditions[i/5%5], "level": level}})
	}
	return records
}

// BenchmarkIndex draws the page of all runs: read, draw, and write to nowhere.
func BenchmarkIndex(b *testing.B) {
	db := openBench(b)
	before := processorTime(b)
	for b.Loop() {
		l, err := listed{}.listing(b.Context(), db, func(string) bool { return true })
		if err != nil || len(l.Runs) != *benchRuns {
			b.Fatal(len(l.Runs), err)
		}
		if err := reports.AsFile.Index(io.Discard, l); err != nil {
			b.Fatal(err)
		}
	}
	tellSeconds(b, before)
}

// BenchmarkCompare compares ten runs of 50,000 predictions each, nine pairs: all
// that runner compare does but for writing the file.
func BenchmarkCompare(b *testing.B) {
	db := openBench(b)
	var keys []string
	for i := range 10 {
		keys = append(keys, fmt.Sprintf("2026-11-01-run-%d", *benchRuns-1-i))
	}
	before := processorTime(b)
	c := compare.Options{Split: "validation", Metric: "macro_f1", Resamples: 2000, Level: 0.95, Workers: 2}
	for b.Loop() {
		page, err := benchPage(b.Context(), db, c, keys)
		if err != nil {
			b.Fatal(err)
		}
		if err := reports.AsFile.Comparison(io.Discard, page); err != nil {
			b.Fatal(err)
		}
	}
	tellSeconds(b, before)
}

func benchPage(ctx context.Context, db *results.DB, c compare.Options, keys []string) (reports.Comparison, error) {
	found, err := c.Compare(ctx, db, keys)
	if err != nil {
		return reports.Comparison{}, err
	}
	return found.Page(ctx, db, func(string) bool { return false })
}

// tellSeconds tells the time a page takes, and that of all processors together,
// which a busy machine changes less.
func tellSeconds(b *testing.B, before time.Duration) {
	b.Helper()
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/page")
	b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s/page")
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
