package results

import (
	"fmt"
	"testing"

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
