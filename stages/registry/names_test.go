package registry

import "testing"

// TestNearest: a legal word is found by few changed letters, or as a part of what was written,
// where it is the only one.
func TestNearest(t *testing.T) {
	t.Parallel()
	legal := []string{"auroc", "flip", "focal", "cosine", "step", "cross_entropy", "generalized_cross_entropy"}
	for word, want := range map[string]string{
		"fipl": "flip", "horizontal_flip": "flip", "Horizontal-Flip": "flip", "focal_loss": "focal", "cosine_annealing": "cosine", "entropy": "", "macro_auroc": "auroc",
		"step_flip": "", "flipping": "", "": "",
	} {
		if got, _ := nearest(word, legal); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
