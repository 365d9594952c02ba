package results

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func predictions(n int) []stage.Record {
	records := make([]stage.Record, n)
	for i := range records {
		records[i] = stage.Prediction{
			CaseID: fmt.Sprintf("%d_left_neural_foraminal_narrowing_l4_l5", 4_003_253+i), Group: fmt.Sprint(4_003_253 + i),
			Split: stage.Validation, Phase: "top", Label: i % 3,
			Probabilities: []float64{0.7612345678901234, 0.1612345678901234, 0.0775308642197532},
			Tags:          map[string]string{"condition": "left_neural_foraminal_narrowing", "level": "l4_l5", "series_type": "Sagittal T1"},
		}
	}
	return records
}

// BenchmarkPredictions stores 50,000 predictions, about all labels of RSNA, in
// one call.
func BenchmarkPredictions(b *testing.B) {
	db, records := openTest(b), predictions(50_000)
	for b.Loop() {
		b.StopTimer()
		run := beginTest(b, db, "x")
		b.StartTimer()
		record(b, run, records...)
	}
}

func BenchmarkLoad(b *testing.B) {
	db := openTest(b)
	record(b, beginTest(b, db, "x"), predictions(50_000)...)
	for b.Loop() {
		load(b, db, Latest)
	}
}

// BenchmarkRecordEpoch is what the training loop waits for after an epoch.
func BenchmarkRecordEpoch(b *testing.B) {
	db := openTest(b)
	run := beginTest(b, db, "x")
	for epoch := 1; b.Loop(); epoch++ {
		var records []stage.Record
		for i := range 20 {
			records = append(records, stage.Scalar{Name: fmt.Sprint("metric ", i), Series: "validation", Epoch: epoch, Value: 0.5})
		}
		record(b, run, records...)
	}
}

// BenchmarkScalars stores numbers of 200 epochs with 50 metrics each, in one call.
func BenchmarkScalars(b *testing.B) {
	db, records := openTest(b), epochs(200, 50)
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		run, before := beginTest(b, db, "x"), processorTime(b)
		b.StartTimer()
		record(b, run, records...)
		spent += processorTime(b) - before
	}
	b.ReportMetric(float64(b.N*len(records))/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(b.N*len(records))/spent.Seconds(), "rows/cpu-s") // on a busy machine
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func epochs(n, metrics int) (records []stage.Record) {
	for i := range n * metrics {
		records = append(records, stage.Scalar{Name: fmt.Sprintf("metric_%d", i%metrics), Title: fmt.Sprintf("Metric %d", i%metrics),
			Series: "validation", Phase: "head", Epoch: 1 + i/metrics, Step: 21 * (1 + i/metrics), Value: 1 / float64(i+1), Better: stage.HigherBetter})
	}
	return records
}

// BenchmarkRuns lists 1,000 runs of 200 epochs with 30 metrics each, as the index
// of all runs does. It takes a minute to fill the database.
func BenchmarkRuns(b *testing.B) {
	db, records := openTest(b), epochs(200, 30)
	for i := range 30 {
		records = append(records, stage.Scalar{Name: fmt.Sprintf("metric_%d", i), Series: "validation", Epoch: stage.Final, Value: 0.5})
	}
	for range 1000 {
		record(b, beginTest(b, db, "x"), records...)
	}
	for b.Loop() {
		runs, err := db.Runs(b.Context(), Filter{})
		if err != nil || len(runs) != 1000 || len(runs[0].Finals) != 30 {
			b.Fatal(len(runs), err)
		}
	}
}
