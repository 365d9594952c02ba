package train

import (
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
)

// asReference is a batch of four images with what PyTorch has of it: the loss of these
// outputs, image after image, and its gradient.
type asReference struct {
	*trainer
	batch  batch
	seen   augment.Augmented
	logits []float32
	want   float64
	grad   []float64
}

// lossIsReference holds loss and gradient of the batch against PyTorch's, also where it is
// computed in two parts.
func lossIsReference(t *testing.T, s *torch.Scope, name string, r asReference) {
	t.Helper()
	for _, cuts := range [][]int{{0, 4}, {0, 1, 4}} {
		if len(cuts) > 2 && !r.cfg.Divisible() {
			continue
		}
		z := s.FromFloat32(r.logits, 4, int64(len(r.logits)/4))
		s.RequireGrad(z, true)
		whole, got := r.whole(s, r.batch, r.seen), 0.0
		if len(cuts) > 2 { // as microBatches does
			whole.divide(r.divisor(s, whole.asked))
		}
		for i := range cuts[1:] {
			loss, _ := r.lossOf(s, s.Rows(z, between(cuts[i], cuts[i+1])), whole.part(s, cuts[i], cuts[i+1]).asked)
			s.Backward(loss)
			got += s.Float64(loss)
		}
		if d := max(deviation([]float64{got}, []float64{r.want}), deviation(s.Float64s(s.Grad(z)), r.grad)); !(d <= 1e-6) {
			t.Errorf("%s in %d parts: got %v, want %v (%.1e); %v", name, len(cuts)-1, got, r.want, d, s.Err())
		}
	}
}
