package reports

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestPhaseTable: a phase of which nothing is known yet has dashes, not zeros.
func TestPhaseTable(t *testing.T) {
	t.Parallel()
	phases := []stage.PhaseRecord{
		{Name: "head", Groups: []string{"head"}, Trainable: 1500, Total: 6000, FirstEpoch: 1, LastEpoch: 4, BestEpoch: 3, Ended: "all epochs done"},
		{Name: "all", Groups: []string{"all"}, Trainable: 6000, Total: 6000, FirstEpoch: 5},
	}
	for runs, ended := range map[bool]string{true: "goes on", false: "did not end"} {
		var got [][]string
		for _, row := range phaseTable(phases, runs).Rows {
			var texts []string
			for _, cell := range row {
				texts = append(texts, cell.Text)
			}
			got = append(got, texts)
		}
		want := [][]string{{"head", "head", "1,500", "25.0 %", "1–4", "3", "all epochs done"}, {"all", "all", "6,000", "100.0 %", "5–", missing, ended}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestOverlaidLines: a run's line holds the values of one series, each at its epoch.
func TestOverlaidLines(t *testing.T) {
	t.Parallel()
	run := Compared{Name: "a", Run: &results.RunRecord{}}
	for e := 1; e <= 3; e++ {
		run.Run.Scalars = append(run.Run.Scalars, stage.Scalar{Name: "loss", Title: "Loss", Series: "train", Epoch: e, Value: 10 * float64(e)},
			stage.Scalar{Name: "loss", Title: "Loss", Series: "validation", Epoch: e, Value: float64(e)})
	}
	blocks, _, err := overlaid([]Compared{run})
	if err != nil || len(blocks) != 1 {
		t.Fatalf("got %d blocks, %v", len(blocks), err)
	}
	p := blocks[0].Plot
	if p.Title != "Loss, validation" || !strings.Contains(p.Describe, "a") || p.Describe == "" {
		t.Errorf("got title %q, described as %q", p.Title, p.Describe)
	}
	var texts []string
	for _, row := range p.Numbers.Rows {
		texts = append(texts, strings.Join(row, " "))
	}
	if got, want := strings.Join(texts, "|"), "1 1|2 2|3 3"; got != want {
		t.Errorf("got the numbers %q, want %q", got, want)
	}
}

// TestPicturesTellTheirCase: the facts of a picture are where its case comes from.
func TestPicturesTellTheirCase(t *testing.T) {
	t.Parallel()
	item := stage.Prediction{CaseID: "c1", Group: "patient 7", Split: stage.Test, Label: 1, Probabilities: []float64{0.2, 0.8}, Tags: map[string]string{"side": "left", "level": "l4"}}
	a := newAlbum(&results.RunRecord{Predictions: []stage.Prediction{item}})
	view := a.picture(stage.Picture{Caption: "one", Case: "c1", PNG: picture(t, 1, 8)})
	want := []stage.Fact{{Name: "case", Value: "c1"}, {Name: "group", Value: "patient 7"}, {Name: "split", Value: "test"}, {Name: "level", Value: "l4"}, {Name: "side", Value: "left"}}
	if !reflect.DeepEqual(view.Facts, want) {
		t.Errorf("got %v, want %v", view.Facts, want)
	}
	if other := a.picture(stage.Picture{Caption: "two", Case: "c2", PNG: picture(t, 2, 8)}); other.Facts != nil || other.Case != "" {
		t.Errorf("a case that nobody predicted: got %+v", other.Facts)
	}
}

// TestIndexCounts: the head of the page of all runs counts them, in all and by their status.
func TestIndexCounts(t *testing.T) {
	t.Parallel()
	var l Listing
	for _, status := range []results.Status{results.Done, results.Failed, results.Done, results.Lost} {
		l.Runs = append(l.Runs, Entry{RunSummary: results.RunSummary{Status: status}})
	}
	want := []stage.Fact{{Name: "runs", Value: "4"}, {Name: "done", Value: "2"}, {Name: "failed", Value: "1"}, {Name: "lost", Value: "1"}}
	if got := indexFacts(l); len(got) < len(want) || !reflect.DeepEqual(got[:len(want)], want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestHeatCells: colour is the share of the largest, whatever the sign; what is no number has none.
func TestHeatCells(t *testing.T) {
	t.Parallel()
	cells := heatCells([]float64{math.NaN(), -2, 1, 0}, 2)
	for i, want := range []heatCell{{}, shaded(1), shaded(0.5), shaded(0)} {
		got := cells[i]
		got.Text, got.Below = "", false
		if !reflect.DeepEqual(got, want) {
			t.Errorf("cell %d: got %+v, want %+v", i, got, want)
		}
	}
	if !cells[1].Below || cells[2].Below {
		t.Error("the sign is lost")
	}
}

func shaded(v float64) (c heatCell) {
	c.shade(v)
	return c
}

// TestAxisLeavesRoom: the outermost points of a linear axis lie within it, those of a logarithmic
// one on its ends.
func TestAxisLeavesRoom(t *testing.T) {
	t.Parallel()
	linear := newAxis([]float64{1, math.NaN(), 2}, 100, 0)
	if got, want := []float64{linear.low, linear.high, linear.at(1.5)}, []float64{0.96, 2.04, 50}; !near(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	log := newAxis([]float64{1e-6, 1}, 0, 60)
	if got, want := []float64{log.low, log.high, log.at(1e-3)}, []float64{1e-6, 1, 30}; !log.log || !near(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func near(a, b []float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) < 1e-9) {
			return false
		}
	}
	return true
}

// TestTrialRowsAddUp: a trial of several runs took what they took together.
func TestTrialRowsAddUp(t *testing.T) {
	t.Parallel()
	s := sampleSweep()
	one := s.Trials[0]
	first, second := *one.Rows[0], *one.Rows[0]
	first.Epochs, first.Seconds, second.Epochs, second.Seconds = 3, 2.5, 4, 1.25
	one.Rows = []*results.Trial{&first, &second}
	row := AsFile.trialRow(s, one)
	if row[3].Text != "7" || row[4].Text != "3.8s" || row[4].Sort != "3.75" {
		t.Errorf("got %q epochs in %q (%q), want 7 in 3.8s", row[3].Text, row[4].Text, row[4].Sort)
	}
}

// TestOtherNets: what another training tells stands in a section of its own, before that of the run,
// and what it measured once there too.
func TestOtherNets(t *testing.T) {
	t.Parallel()
	rec := &results.RunRecord{Phases: []stage.PhaseRecord{{Name: "all", FirstEpoch: 1, LastEpoch: 2}}}
	for e := 1; e <= 2; e++ {
		rec.Scalars = append(rec.Scalars, stage.Scalar{Name: "loss", Title: "Loss", Series: "train", Phase: "all", Epoch: e},
			stage.Scalar{Name: "other_loss", Title: "Another loss", Series: "train", Phase: "pretrain", Epoch: e})
	}
	rec.Scalars = append(rec.Scalars, stage.Scalar{Name: "once", Title: "Once", Series: "validation", Phase: "pretrain", Epoch: 2},
		stage.Scalar{Name: "far", Title: "Far", Series: "validation", Phase: "locate", Epoch: 1})
	list, err := sections(rec)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	var order []string
	for _, s := range list {
		order = append(order, s.ID)
		for _, b := range s.Blocks {
			switch {
			case b.Plot != nil:
				said[s.ID] += b.Plot.Title + ";"
			case b.Table != nil && len(b.Table.Rows) > 0:
				said[s.ID] += b.Table.Rows[0][0].Text + ";"
			}
		}
	}
	if said["pretrain"] != "Another loss;Once;" || said["locate"] != "Far;" || !strings.HasPrefix(said["training"], "Loss;") || strings.Contains(said["training"], "Another") || strings.Contains(said["training"], "Far") {
		t.Errorf("got %q", said)
	}
	if at := strings.Join(order, " "); !strings.Contains(at, "pretrain training") {
		t.Errorf("sections are %s", at)
	}
}
