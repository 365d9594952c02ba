package compare

import (
	"fmt"
	"math"
	"slices"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// NoiseOf measures the spread of every final number of validation and test over runs that differ in the
// seed alone.
func NoiseOf(at time.Time, records []*results.RunRecord) (list []results.Noise, err error) {
	first := records[0]
	hash, err := experiments.Family(first.Experiment)
	if err != nil {
		return nil, fmt.Errorf("experiment of %s: %w", first.ID, err)
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	for _, s := range first.Finals {
		if s.Series != string(stage.Validation) && s.Series != string(stage.Test) {
			continue
		}
		values := finals(records, s.Series, s.Name)
		if len(values) < len(records) {
			continue // a run has no such number
		}
		list = append(list, results.Noise{At: at, Name: first.Name, Data: first.Fact("data fingerprint"), Experiment: hash,
			Series: s.Series, Metric: s.Name, Mean: statistics.Mean(values), Deviation: statistics.StandardDeviation(values),
			Low: slices.Min(values), High: slices.Max(values), Runs: ids})
	}
	return list, nil
}

// finals are the values of one final number that exist.
func finals(records []*results.RunRecord, series, name string) (values []float64) {
	for _, r := range records {
		for _, s := range r.Finals {
			if s.Series == series && s.Name == name && !math.IsNaN(s.Value) {
				values = append(values, s.Value)
			}
		}
	}
	return values
}
