package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// TestSWAIsReference: averages and measured statistics are those of torch.optim.swa_utils.
func TestSWAIsReference(t *testing.T) {
	t.Parallel()
	var ref struct {
		States  [][][]float32
		Batches [][]float32
		Want    [][]float64
	}
	parity.Read(t, "testdata/swa.json", &ref)
	onEngine(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		linear, norm := torch.NewLinear(store.Root(s).Sub("linear"), 4, 3), torch.NewBatchNorm(store.Root(s).Sub("norm"), 3)
		store.Train(s, func(string) bool { return true }, "auto")
		own := []*torch.Parameter{linear.Weight, linear.Bias, norm.Weight, norm.Bias}
		var average *torch.EMA
		for n, state := range ref.States {
			for i, p := range own {
				s.Copy(p.Tensor, s.FromFloat32(state[i], p.Shape...))
			}
			if average == nil {
				average = torch.NewEMA(s, store.Parameters)
			}
			average.Update(s, float64(n)/float64(n+1))
		}
		average.Swap(s)
		s.NoGrad(func() {
			for n, batch := range ref.Batches {
				p := &torch.Pass{Scope: s, Train: true, Measure: n + 1}
				norm.Forward(p, linear.Forward(p, s.FromFloat32(batch, int64(len(batch)/4), 4)))
			}
		})
		for i, p := range append(own, norm.Mean, norm.Var) {
			if d := deviation(s.Float64s(p.Tensor), ref.Want[i]); !(d <= 1e-6) {
				t.Errorf("%s: %v, want %v", p.Name, s.Float64s(p.Tensor), ref.Want[i])
			}
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
}

// TestSWAByHand: the mean of what runs of two, three and four epochs end with, and statistics that are those
// of the training images: predictions do not depend on whether batch-norm looks at these or at its statistics.
func TestSWAByHand(t *testing.T) {
	t.Parallel()
	last := func(epochs int, swa *SWA) (bench, map[string]safetensors.Tensor) {
		b := newBench(t).withoutDropout(t)
		p := phase("all", epochs, "all")
		p.Keep = "last"
		cfg := config(1e-2, p)
		cfg.Batch, cfg.SWA = 1000, swa
		return b, b.train(t, cfg, nil)
	}
	b, got := last(4, &SWA{From: 0.25})
	sums := map[string][]float64{}
	for epochs := 2; epochs <= 4; epochs++ {
		_, one := last(epochs, nil)
		for name, tensor := range one {
			if sums[name] == nil {
				sums[name] = make([]float64, len(tensor.Data))
			}
			for i, v := range tensor.Data {
				sums[name][i] += float64(v) / 3
			}
		}
	}
	for _, p := range b.net.Store.Parameters {
		for i, v := range got[p.Name].Data {
			if !p.Buffer && !(math.Abs(float64(v)-sums[p.Name][i]) <= 1e-6) {
				t.Errorf("%s[%d]: %v, want %v", p.Name, i, v, sums[p.Name][i])
				break
			}
		}
	}
	if d := fromTheBatch(t, b); !(d <= 1e-2) {
		t.Errorf("logits by the batch and by the statistics are %g apart", d)
	}
	if plain, _ := last(4, nil); !(fromTheBatch(t, plain) > 0.1) {
		t.Error("they are as near to each other without measuring")
	}
}

// fromTheBatch is how far logits of the training images by the batch's statistics are from those by batch-norm's own.
func fromTheBatch(t *testing.T, b bench) (most float64) {
	t.Helper()
	tr := &trainer{env: b.env, net: b.net, images: b.images, cfg: config(0)}
	items := indices(b.images, "train")
	feed, err := openFeed(t.Context(), b.env, b.net, b.images, len(items))
	if err != nil {
		t.Fatal(err)
	}
	defer feed.close()
	tr.feed = feed
	feed.begin([][]int{items})
	err = b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		x := feed.next(s)
		s.NoGrad(func() {
			own := s.Float64s(b.net.Forward(&torch.Pass{Scope: s}, x))
			for i, v := range s.Float64s(b.net.Forward(&torch.Pass{Scope: s, Train: true, Again: true}, x)) {
				most = max(most, math.Abs(v-own[i]))
			}
		})
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return most
}

// TestSWABegins in the last quarter, and in the last epoch at the latest.
func TestSWABegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   float64
		epochs int
		want   []int
	}{{0.75, 4, []int{4}}, {0.75, 8, []int{7, 8}}, {0.5, 3, []int{2, 3}}, {0.99, 2, []int{2}}, {0, 2, []int{1, 2}}, {0.75, 1, []int{1}}} {
		var got []int
		for epoch := 1; epoch <= c.epochs; epoch++ {
			if (SWA{From: c.from}).Averages(Phase{Epochs: c.epochs}, epoch) {
				got = append(got, epoch)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// TestInterruptedAveragesGoOnBitForBit: SWA, and schedule_free within sam, in trainings that are cut anywhere.
func TestInterruptedAveragesGoOnBitForBit(t *testing.T) {
	t.Parallel()
	free := resumableSAM(0.1)
	free.EMA, free.Phases[1].OptimizerState = nil, "fresh"
	sam := free.Optimizer.Part.(SAM)
	sam.Optimizer = registry.One[Optimizer]{Name: "schedule_free", Part: ScheduleFree{Rate: 2e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Statistics: 2}}
	free.Optimizer.Part = sam
	swa := resumable()
	swa.EMA, swa.SWA = nil, &SWA{From: 0.3}
	for name, cfg := range map[string]Config{"swa": swa, "schedule_free": free} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			train := func(ctx context.Context, b bench) (Trained, error) {
				return Run(ctx, b.env, cfg, b.net, b.images, mixedRecipe, measure)
			}
			whole := newBench(t)
			trained, err := train(t.Context(), whole)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := interrupted(t, benchIn, train)
			got.same(t, whole.outcome(t, trained))
		})
	}
}
