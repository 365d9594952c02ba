package evaluate

import (
	"fmt"
	"math"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// scanned are predictions of patients with six cases each, of three scanners, that are as good
// as chance decides; those of one scanner are worse by so much.
func scanned(seed, patients int, worse float64) (items []stage.Prediction) {
	for i := range 6 * patients {
		r := stage.Rand(uint64(seed), "scanned", i)
		patient := i / 6
		scanner := []string{"a", "b", "c"}[patient%3]
		sure := 0.3 + 0.6*r.Float64()
		if scanner == "b" {
			sure = max(0.05, sure-worse)
		}
		label := r.IntN(3)
		p := []float64{(1 - sure) / 2, (1 - sure) / 2, (1 - sure) / 2}
		p[label] = sure
		items = append(items, stage.Prediction{CaseID: fmt.Sprint(i), Group: fmt.Sprint(patient), Label: label, Probabilities: p,
			Tags: map[string]string{"scanner": scanner, "side": []string{"left", "right"}[i%2], "rare": map[bool]string{true: "yes", false: "no"}[patient < 3]}})
	}
	return items
}

func gapsIn(t testing.TB, seed, resamples int, items []stage.Prediction) stage.Table {
	t.Helper()
	e := evaluation{cfg: Config{Metrics: []registry.One[Metric]{{Name: "accuracy", Part: Accuracy{}}, {Name: "f1", Part: F1{Average: macro}}},
		Intervals: Intervals{Level: 0.95, Resamples: resamples, Method: "percentile", Draw: "groups"}}, split: stage.Validation}
	e.env.Seed, e.env.Workers = uint64(seed), 2
	r, err := e.gaps(t.Context(), Predictions{Classes: classes, Items: items})
	if err != nil || len(r.Tables) != 1 {
		t.Fatal(r, err)
	}
	return r.Tables[0]
}

// TestGaps: the scanner whose cases are predicted worse is found, with numbers that can be
// worked out by hand; a value of too few groups, and the other of two, are no comparison.
func TestGaps(t *testing.T) {
	t.Parallel()
	items := scanned(1, 90, 0.25)
	table := gapsIn(t, 1, 300, items)
	if len(table.Rows) != 8 { // three scanners and one side, by loss and accuracy
		t.Fatalf("%d rows, want 8: %v", len(table.Rows), table.Rows)
	}
	var here, rest, n float64
	for _, item := range items {
		loss := -math.Log(item.Probabilities[item.Label])
		if item.Tags["scanner"] == "b" {
			here += loss
			n++
		} else {
			rest += loss
		}
	}
	here, rest = here/n, rest/(float64(len(items))-n)
	found := false
	for _, row := range table.Rows {
		d := row[7].(stage.Estimate)
		switch {
		case row[0] == "scanner" && row[1] == "b" && row[4] == "Loss":
			found = true
			if row[10] != "worse" || row[2] != 180 || row[3] != 30 || !(math.Abs(row[5].(float64)-here) <= 1e-9) || !(math.Abs(row[6].(float64)-rest) <= 1e-9) || !(math.Abs(d.Value-here+rest) <= 1e-9) || !(d.Low > 0) {
				t.Errorf("got %v, want worse, 180 cases of 30 groups, %v and %v", row, here, rest)
			}
		case row[0] == "rare":
			t.Errorf("three patients are compared: %v", row)
		case row[0] == "side" && row[1] != "left", row[0] == "side" && row[10] != "indistinguishable":
			t.Errorf("got %v", row)
		}
	}
	if !found {
		t.Errorf("scanner b is not in %v", table.Rows)
	}
}

// TestGapsOfChance: where no subgroup differs, few tables say that one does. The benchmark
// below measures how many: somewhat more than one in twenty.
func TestGapsOfChance(t *testing.T) {
	t.Parallel()
	const tables, expected = 60, 0.07
	limit := expected*tables + 3*math.Sqrt(expected*(1-expected)*tables)
	if wrong := toldApart(t, tables, 40, 1000); float64(wrong) > limit {
		t.Errorf("%d of %d tables tell chance apart, want at most %.0f", wrong, tables, limit)
	}
}

// toldApart counts tables of predictions without a difference that tell a subgroup apart.
func toldApart(t testing.TB, tables, patients, resamples int) (wrong int) {
	t.Helper()
	for seed := range tables {
		for _, row := range gapsIn(t, seed, resamples, scanned(1000+seed, patients, 0)).Rows {
			if row[10] == "worse" || row[10] == "better" {
				wrong++
				break
			}
		}
	}
	return wrong
}

// BenchmarkGapsOfChance is where the shares in docs/results.md come from.
func BenchmarkGapsOfChance(b *testing.B) {
	for _, patients := range []int{40, 90, 300} {
		b.Run(fmt.Sprint(patients, " patients"), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(100*float64(toldApart(b, 400, patients, 2000))/400, "%told-apart")
			}
		})
	}
}

// TestFewGroups has no comparison.
func TestFewGroups(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: classes, Items: scanned(1, 5, 0.3)}
	e := evaluation{cfg: Config{Intervals: Intervals{Level: 0.95, Resamples: 100, Draw: "groups"}}, split: stage.Test}
	if r, err := e.gaps(t.Context(), p); err != nil || r.Tables != nil {
		t.Errorf("got %v, %v", r, err)
	}
	if n := occupied(statistics.NewClusters([]string{"a", "b", "a"}).Pick([]int32{0, 2})); n != 1 {
		t.Errorf("%d clusters are occupied, want 1", n)
	}
}

// BenchmarkGaps is one table over 48,000 predictions of 8,000 patients.
func BenchmarkGaps(b *testing.B) {
	items := scanned(1, 8000, 0.1)
	for b.Loop() {
		gapsIn(b, 1, 2000, items)
	}
}
