package train

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/stage"
)

// checkpointFiles lists the names of checkpoints in a folder, sorted.
func checkpointFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".safetensors"))
	}
	return names
}

// deletions are the events of deleted checkpoints, and all warnings.
func (b bench) deletions() (deleted, warned []string) {
	for _, r := range b.seen.records {
		if e, ok := r.(stage.Event); ok && e.Level == "warning" {
			warned = append(warned, e.Text)
		} else if ok && strings.Contains(e.Text, "deleted") {
			deleted = append(deleted, e.Text)
		}
	}
	return deleted, warned
}

func retained(t *testing.T, c Checkpoints, epochs int) bench {
	t.Helper()
	b := newBench(t)
	cfg := config(3e-2, phase("all", epochs, "all"))
	cfg.Checkpoints = c
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRetention: what stays is every third epoch and the two best; what goes is
// told with its reason.
func TestRetention(t *testing.T) {
	t.Parallel()
	b := retained(t, Checkpoints{Every: 3, Best: 2}, 8)
	losses := b.seen.values("validation", "loss")
	order := make([]int, len(losses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if losses[i] < losses[j] {
			return -1
		}
		return map[bool]int{true: 1}[losses[i] > losses[j]]
	})
	want := []string{"best"}
	for epoch := 1; epoch <= len(losses); epoch++ {
		if epoch%3 == 0 || slices.Contains(order[:2], epoch-1) {
			want = append(want, epochName(epoch))
		}
	}
	want = append(want, "last")
	got := checkpointFiles(t, b.env.RunDir)
	if !slices.Equal(got, want) {
		t.Errorf("got %v of losses %v, want %v", got, losses, want)
	}
	best, err := safetensors.Read(filepath.Join(b.env.RunDir, "best.safetensors"))
	same, second := safetensors.Read(filepath.Join(b.env.RunDir, epochName(order[0]+1)+".safetensors"))
	if err != nil || second != nil || !reflect.DeepEqual(best.Tensors, same.Tensors) {
		t.Errorf("the file of the best epoch is not the best: %v, %v", err, second)
	}
	deleted, warned := b.deletions()
	if len(deleted) == 0 || len(warned) != 0 || !strings.Contains(deleted[0], "and 2 epochs of phase all are better") {
		t.Errorf("got events %q, %q", deleted, warned)
	}
	artefacts := 0
	for _, r := range b.seen.records {
		if _, ok := r.(stage.Artefact); ok {
			artefacts++
		}
	}
	if artefacts != len(got) {
		t.Errorf("%d artefacts for %d files", artefacts, len(got))
	}
}

// TestDiskBudget: the oldest goes first; what the run needs stays whatever it takes.
func TestDiskBudget(t *testing.T) {
	t.Parallel()
	whole := retained(t, Checkpoints{Every: 1, Best: 1}, 2)
	size := func(name string) float64 {
		info, err := os.Stat(filepath.Join(whole.env.RunDir, name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return float64(info.Size())
	}
	budget := (size("best") + size("last") + 2.5*size(epochName(1))) / 1e9
	b := retained(t, Checkpoints{Every: 1, Best: 1, Disk: budget}, 5)
	if got, want := checkpointFiles(t, b.env.RunDir), []string{"best", epochName(4), epochName(5), "last"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if deleted, _ := b.deletions(); len(deleted) != 3 || !strings.Contains(deleted[0], "checkpoint of epoch 1 deleted") || !strings.Contains(deleted[0], "train.checkpoints.disk allows") {
		t.Errorf("got %q", deleted)
	}
	b = retained(t, Checkpoints{Every: 1, Best: 3, Disk: 1e-9}, 3)
	if got, want := checkpointFiles(t, b.env.RunDir), []string{"best", "last"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, warned := b.deletions(); len(warned) != 1 || !strings.Contains(warned[0], "they stay, since the run needs them") {
		t.Errorf("got %q", warned)
	}
}

// TestDispensable orders by rule, then by how good, then by age.
func TestDispensable(t *testing.T) {
	t.Parallel()
	tr := &trainer{cfg: Config{Checkpoints: Checkpoints{Every: 1, Best: 2}}}
	for i, v := range []number{5, 1, 3, 2, 4} {
		tr.state.Kept = append(tr.state.Kept, kept{Epoch: i + 1, Value: v, Better: stage.LowerBetter})
	}
	var order []int
	for len(tr.state.Kept) > 0 {
		first := slices.MinFunc(tr.state.Kept, tr.dispensable)
		order = append(order, first.Epoch)
		tr.state.Kept = slices.DeleteFunc(tr.state.Kept, func(k kept) bool { return k == first })
		if len(tr.state.Kept) == 2 { // from here on both are of the two best
			break
		}
	}
	if got := fmt.Sprint(order, slices.MinFunc(tr.state.Kept, tr.dispensable).Epoch); got != "[1 3 5] 4" {
		t.Errorf("got %s", got)
	}
}

// TestRank: of epochs of one phase those that are better come before, and of equals the first. What is
// among the best stays to the end, the worst of them going first, and those of several phases by age.
func TestRank(t *testing.T) {
	t.Parallel()
	all := []kept{{Epoch: 1, Value: 0.5}, {Epoch: 2, Value: 0.9}, {Epoch: 3, Value: 0.5}, {Epoch: 4, Phase: 1, Value: 0.1}, {Epoch: 5, Phase: 1, Value: 0.2}}
	for i := range all {
		all[i].Better = stage.HigherBetter
	}
	tr := &trainer{}
	tr.state.Kept = all
	for i, want := range []int{1, 0, 2, 1, 0} {
		if got := tr.rank(all[i], all); got != want {
			t.Errorf("epoch %d: %d are better, want %d", i+1, got, want)
		}
	}
	for _, c := range []struct {
		rule        Checkpoints
		first, next int
		want        int
		why         string
	}{
		{Checkpoints{Best: 2}, 3, 2, -1, "the first is not among the two best"},
		{Checkpoints{Best: 2}, 2, 3, 1, "the second is not among the two best"},
		{Checkpoints{Best: 2}, 1, 2, -1, "both are, and the first is worse"},
		{Checkpoints{Best: 2}, 2, 1, 1, "both are, and the first is better"},
		{Checkpoints{Best: 3}, 1, 3, -1, "both are as good, and the first is older"},
		{Checkpoints{Best: 3}, 3, 1, 1, "both are as good, and the second is older"},
		{Checkpoints{Best: 2}, 2, 4, -1, "of several phases the older goes"},
		{Checkpoints{Best: 2}, 5, 1, 1, "of several phases the older goes"},
		{Checkpoints{Best: 1, Every: 1}, 2, 3, -1, "the best alone has a file of its own"},
	} {
		tr.cfg.Checkpoints = c.rule
		if got := tr.dispensable(all[c.first-1], all[c.next-1]); got != c.want {
			t.Errorf("epochs %d and %d by %+v: %d, want %d: %s", c.first, c.next, c.rule, got, c.want, c.why)
		}
	}
}

// TestDiscardedTwice: a file that is gone already is no error, and its epoch is forgotten.
func TestDiscardedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tr := &trainer{env: b.env}
	one := kept{Epoch: 3}
	tr.state.Kept = []kept{one, {Epoch: 4}}
	if err := tr.discard(t.Context(), one, "it is old"); err != nil || len(tr.state.Kept) != 1 || tr.state.Kept[0].Epoch != 4 {
		t.Errorf("got %+v, %v", tr.state.Kept, err)
	}
	if err := os.MkdirAll(filepath.Join(tr.checkpoint(epochName(4)), "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := tr.discard(t.Context(), tr.state.Kept[0], "it is old"); err == nil || len(tr.state.Kept) != 1 {
		t.Errorf("what cannot be deleted: got %+v, %v", tr.state.Kept, err)
	}
}

// TestRetiredState: the state goes when nothing needs it any more, and the weights
// that made the last predictions are there whichever they were.
func TestRetiredState(t *testing.T) {
	t.Parallel()
	for _, keep := range []string{"best", "last"} {
		b := newBench(t)
		cfg := config(3e-2, phase("all", 3, "all"))
		cfg.Phases[0].Keep, cfg.Checkpoints.Last = keep, "delete"
		cfg.EMA = &EMA{Decay: 0.5}
		trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{"best": {"best"}, "last": {"best", "final"}}[keep]
		if got := checkpointFiles(t, b.env.RunDir); !slices.Equal(got, want) {
			t.Errorf("keep %s: got %v, want %v", keep, got, want)
		}
		other := newBench(t) // begins with the same weights, untrained
		if err := Restore(t.Context(), other.net, Folder(b.env.RunDir)); err != nil {
			t.Fatal(err)
		}
		validation := other.images.InFold(0)
		validation.Cases = slices.Clone(validation.Cases)
		cfg.Compute.Precision = "fp16" // as if a GPU had trained it
		predictions, err := Predict(t.Context(), other.env, cfg, other.net, validation)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range trained.Predictions {
			i := slices.IndexFunc(predictions, func(q stage.Prediction) bool { return q.CaseID == p.CaseID })
			for k, v := range p.Probabilities {
				if d := v - predictions[i].Probabilities[k]; !(d <= 1e-6) || !(d >= -1e-6) {
					t.Fatalf("keep %s: %s: got %v, want %v", keep, p.CaseID, predictions[i].Probabilities, p.Probabilities)
				}
			}
		}
	}
}
