package train

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// trainedIn is a training that is over, with the table that it recorded.
func trainedIn(t *testing.T, precision string) (bench, *trainer) {
	t.Helper()
	b := newBench(t)
	cfg := resumable()
	cfg.Compute.Precision = precision
	tr := &trainer{env: b.env, cfg: cfg, augment: mixedRecipe, net: b.net, images: b.images, measure: measure}
	if _, err := tr.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, tr
}

func tablesOf(records []stage.Record) (out []stage.Table) {
	for _, r := range records {
		if table, ok := r.(stage.Table); ok && table.Name == "numerics" {
			out = append(out, table)
		}
	}
	return out
}

func (b bench) do(t *testing.T, work func(*torch.Scope)) {
	t.Helper()
	if err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error { work(s); return s.Err() }); err != nil {
		t.Fatal(err)
	}
}

func (b bench) live(t *testing.T) int {
	t.Helper()
	n, err := b.net.Engine().LiveTensors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNumericsOfEachPhase(t *testing.T) {
	t.Parallel()
	b, _ := trainedIn(t, "bf16")
	tables := tablesOf(b.seen.records)
	if len(tables) != 2 || len(tables[1].Rows) != 2 || !reflect.DeepEqual(tables[0].Rows[0], tables[1].Rows[0]) {
		t.Fatalf("tables %v", tables)
	}
	for i, phase := range []string{"head", "all"} {
		row := tables[1].Rows[i]
		if row[0] != phase || row[1] != "bf16" || row[2] != 2 {
			t.Errorf("row %v", row)
		}
		// One rounding is off by 2^-8 at most, and four layers follow each other.
		for c, most := range map[int]float64{6: 5, 8: 30} {
			if v := row[c].(float64); !(v > 0 && v < most) {
				t.Errorf("phase %s, %s: got %v", phase, tables[1].Columns[c], v)
			}
		}
		if v := row[9].(float64); !(v > 0.95 && v < 1) {
			t.Errorf("phase %s: the cosine is %v", phase, v)
		}
	}
	if full, _ := trainedIn(t, "fp32"); len(tablesOf(full.seen.records)) != 0 {
		t.Error("float32 was compared with itself")
	}
}

// TestNumericsLeaveNothingBehind: no weight, statistic, gradient, tensor or word of
// the state is another afterwards; and what is called fp32 is what fp32 computes.
func TestNumericsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	b, tr := trainedIn(t, "bf16")
	b.do(t, func(s *torch.Scope) { s.ClearGrads(tr.net.Trained()) })
	before, at, live := b.weights(t), tr.state, b.live(t)
	row, err := tr.numerics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := tr.numerics(t.Context()); !reflect.DeepEqual(again, row) {
		t.Errorf("the second time: %+v, the first %+v", again, row)
	}
	if !reflect.DeepEqual(b.weights(t), before) || !reflect.DeepEqual(tr.state, at) || b.live(t) != live {
		t.Error("something was changed")
	}
	b.do(t, func(s *torch.Scope) {
		if slices.ContainsFunc(tr.net.Trained(), func(w torch.Tensor) bool { return s.Grad(w).Valid() }) {
			t.Error("a gradient was left behind")
		}
	})
	full, other := trainedIn(t, "fp32")
	var want answer
	full.do(t, func(s *torch.Scope) {
		s.Fail(full.net.Load(s, before))
		want = other.answer(s, other.numericsBatch(s, other.numericsItems()))
	})
	if float64(row.Exact) != want.loss || row.Loss == row.Exact {
		t.Errorf("got the losses %v and %v in fp32, want %v there", row.Loss, row.Exact, want.loss)
	}
}

// TestAnswersApart: numbers worked out by hand.
func TestAnswersApart(t *testing.T) {
	t.Parallel()
	reduced := answer{1.5, []float64{3, 4, 1, 0}, []int{1, 0}, [][]float32{{3}, {4}}}
	exact := answer{1.25, []float64{3, 0, 4, 0}, []int{1, 1}, [][]float32{{3}, {0}}}
	row := numerics{Images: 2}
	row.compare(reduced, exact)
	want := numerics{Images: 2, Loss: 1.5, Exact: 1.25, Largest: 4, Logits: 1, Same: 0.5, Gradient: 4. / 3, Cosine: 0.6}
	if row != want {
		t.Errorf("got %+v, want %+v", row, want)
	}
	reduced.gradients = [][]float32{{float32(math.NaN())}, {0}}
	if row.compare(reduced, exact); !math.IsInf(float64(row.Gradient), 1) || !math.IsNaN(float64(row.Cosine)) {
		t.Errorf("of a gradient that is not a number: %+v", row)
	}
	exact.gradients, reduced.gradients = [][]float32{{0}, {0}}, [][]float32{{1}, {0}}
	if row.compare(reduced, exact); !math.IsNaN(float64(row.Gradient)) {
		t.Errorf("of a gradient of zeros: %+v", row)
	}
}

func TestImagesOfNumerics(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for batch, want := range map[int]int{1: 1, 2: 2, 3: 2, 8: 4, 256: 32} {
		tr := &trainer{cfg: config(0), images: b.images}
		tr.cfg.Batch = registry.Count(batch)
		items := tr.numericsItems()
		if len(items) != min(want, len(indices(b.images, "train"))) || len(slices.Compact(slices.Sorted(slices.Values(items)))) != len(items) {
			t.Errorf("batch %d: got %v", batch, items)
		}
	}
}
