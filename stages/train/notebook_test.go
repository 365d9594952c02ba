package train

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// notebook is testdata/notebook.json; notebook.py says where it is from.
type notebook struct {
	Cases []struct {
		Losses [2][]float64 // of validation, for each phase
		Rates  [2][]float64 // of the epochs that are trained
		Best   [2]int
	}
	Counts       []int
	ClassWeights []float64 `json:"class_weights"`
	Logits       [][]float32
	Labels       []int64
	Loss         float64
}

func readNotebook(t *testing.T) (n notebook) {
	t.Helper()
	parity.Read(t, "testdata/notebook.json", &n)
	return n
}

// asWritten is section train of experiments/seed-as-written.yaml on the small net;
// experiments/notebook_test.go holds the two against each other.
func asWritten() Config {
	plateau := func(least float64) registry.One[Schedule] {
		return registry.One[Schedule]{Name: "plateau_keras", Part: PlateauKeras{Factor: 0.2, Patience: 5, MinDelta: 1e-4, MinRate: least}}
	}
	rate := 1e-5
	head, top := phase("head", 50, "head"), phase("top", 50, "blocks.1", "head")
	head.Schedule, head.Stop = plateau(1e-6), &Stop{Patience: 10}
	top.Schedule, top.Stop, top.Rate = plateau(1e-7), &Stop{Patience: 10}, &rate
	c := config(1e-4, head, top)
	c.Loss = registry.One[Loss]{Name: "cross_entropy", Part: CrossEntropy{Reduction: "mean"}}
	c.Optimizer.Part = Adam{Rate: 1e-4, Beta1: 0.9, Beta2: 0.999, Eps: 1e-7, EpsAdded: "before_correction"}
	c.Batch, c.Features = 64, DefaultFeatures
	return c
}

// scripted gives one loss after the other, whatever the net says.
func scripted(phases [2][]float64, rates [2][]float64) Measure {
	var all []float64
	for i := range phases {
		all = append(all, phases[i][:len(rates[i])]...)
	}
	return func([]stage.Prediction) ([]stage.Scalar, error) {
		value := math.Inf(1) // an epoch too many
		if len(all) > 0 {
			value, all = all[0], all[1:]
		}
		return []stage.Scalar{{Name: "loss", Value: value, Better: stage.LowerBetter}}, nil
	}
}

// TestParityOfTheNotebookIsFresh trains the notebook's two phases while validation gives
// the losses of the reference: the rate of every epoch, the last epoch and the epoch
// whose weights come back must be Keras'.
func TestParityOfTheNotebookIsFresh(t *testing.T) {
	n := readNotebook(t)
	rows := n.weighing(t)
	for i, c := range n.Cases {
		b := newBench(t)
		if i > 0 {
			b.env.RunDir = "" // no files: they take longer than the training
		}
		trained, err := Run(t.Context(), b.env, asWritten(), b.net, b.images, nil, scripted(c.Losses, c.Rates))
		if err != nil {
			t.Fatal(err)
		}
		want := append(append([]float64{}, c.Rates[0]...), c.Rates[1]...)
		got := b.seen.values("all trained groups", "learning_rate")
		if len(got) != len(want) {
			t.Fatalf("case %d: %d epochs, want %d and %d", i, len(got), len(c.Rates[0]), len(c.Rates[1]))
		}
		worst := 0.0
		for e := range want {
			worst = max(worst, math.Abs(got[e]-want[e])/want[e])
		}
		rows = append(rows, parity.Row{
			Part: "plateau_keras, stop", Case: fmt.Sprintf("%d and %d epochs, %d rates", len(c.Rates[0]), len(c.Rates[1]), len(slices.Compact(append([]float64{}, want...)))),
			Reference: "Keras' ReduceLROnPlateau and EarlyStopping", Deviation: worst, Limit: 1e-12,
		})
		if best := len(c.Rates[0]) + c.Best[1]; trained.BestEpoch != best {
			t.Errorf("case %d: the weights are those of epoch %d, want %d", i, trained.BestEpoch, best)
		}
		if i > 0 {
			continue
		}
		file, err := safetensors.Read(filepath.Join(b.env.RunDir, "best.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if left := changed(file.Tensors, b.weights(t)); len(left) > 0 {
			t.Errorf("case %d: %v are not those of the best epoch", i, left)
		}
	}
	parity.Hold(t, parityPage, "notebook", rows, *update)
}

// weighing compares class weights, and a loss that divides by the cases.
func (n notebook) weighing(t *testing.T) []parity.Row {
	t.Helper()
	weights := asWritten().Balance.weightsOf([]string{"a", "b", "c"}, n.Counts, 1)
	rows := []parity.Row{{Part: "balance", Case: "class weights", Reference: "scikit-learn's balanced", Deviation: deviation(weights, n.ClassWeights), Limit: 1e-12}}
	onEngine(t, func(s *torch.Scope) {
		var flat []float32
		for _, row := range n.Logits {
			flat = append(flat, row...)
		}
		cases := int64(len(n.Labels))
		loss := asWritten().Loss.Part.Of(s, s.FromFloat32(flat, cases, 3), Targets{
			Labels_B: s.FromInt64(n.Labels, cases), ClassWeights_K: perClass(s, weights), Counts_K: n.Counts,
		})
		rows = append(rows, parity.Row{
			Part: "cross_entropy", Case: "class weights, mean over the batch", Reference: "Keras' class_weight and sum_over_batch_size",
			Deviation: deviation(s.Float64s(loss), []float64{n.Loss}), Limit: 1e-6,
		})
	})
	return rows
}

// keras is function train of notebook.py: the rate of each epoch that is trained, and
// the epoch whose weights are restored, from 1.
func keras(losses []float64, rate, least float64) (rates []float64, restored int) {
	plateauBest, plateauWait, stopBest, stopWait := math.Inf(1), 0, math.Inf(1), 0
	for i, loss := range losses {
		rates = append(rates, rate)
		if loss < plateauBest-1e-4 {
			plateauBest, plateauWait = loss, 0
		} else if plateauWait++; plateauWait >= 5 && rate > least {
			rate, plateauWait = max(rate*0.2, least), 0
		}
		if stopWait++; loss < stopBest {
			stopBest, stopWait, restored = loss, 0, i+1
		}
		if stopWait >= 10 {
			break
		}
	}
	return rates, restored
}

// TestNotebookFollowsItsOwnLosses trains the notebook's phases on the synthetic set, at
// rates at which the small net stops getting better, and asks Keras' formulas what they
// make of the losses that came of it.
func TestNotebookFollowsItsOwnLosses(t *testing.T) {
	t.Parallel()
	for i, c := range readNotebook(t).Cases { // the formulas here are those of the script
		for p, start := range [][2]float64{{1e-4, 1e-6}, {1e-5, 1e-7}} {
			rates, restored := keras(c.Losses[p], start[0], start[1])
			if !(deviation(rates, c.Rates[p]) <= 1e-12) || restored != c.Best[p] {
				t.Errorf("case %d, phase %d: %v and %d, the script has %v and %d", i, p, rates, restored, c.Rates[p], c.Best[p])
			}
		}
	}
	cfg, top := asWritten(), 1e-2
	cfg.Optimizer.Part = Adam{Rate: 5e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-7, EpsAdded: "before_correction"}
	cfg.Phases[1].Rate = &top
	b := newBench(t)
	b.env.RunDir = ""
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
	if err != nil {
		t.Fatal(err)
	}
	losses, got, before := b.seen.values("validation", "loss"), b.seen.values("all trained groups", "learning_rate"), 0
	for p, start := range [][2]float64{{5e-2, 1e-6}, {1e-2, 1e-7}} {
		count := 0
		for _, r := range b.seen.records {
			if s, ok := r.(stage.Scalar); ok && s.Name == "learning_rate" && s.Phase == cfg.Phases[p].Name {
				count++
			}
		}
		if left := len(losses) - before; count > left {
			t.Fatalf("phase %d has %d epochs, there are %d losses", p, count, left)
		}
		want, restored := keras(losses[before:before+count], start[0], start[1])
		if len(want) != count || !(deviation(got[before:before+count], want) <= 1e-12) {
			t.Errorf("phase %d: rates %v, want %v", p, got[before:before+count], want)
		}
		if len(slices.Compact(want)) < 2 || count == cfg.Phases[p].Epochs {
			t.Errorf("phase %d of %d epochs at %v shows nothing: the rate should fall, and the phase stop early", p, count, want)
		}
		if p == 1 && trained.BestEpoch != before+restored {
			t.Errorf("the weights are those of epoch %d, want %d", trained.BestEpoch, before+restored)
		}
		before += count
	}
}
