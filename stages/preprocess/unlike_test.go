package preprocess

import (
	"strings"
	"testing"
)

// TestUnlike: the training's fact, as runs store it, is held against other images.
func TestUnlike(t *testing.T) {
	t.Parallel()
	const fact = "mean 0.4000, standard deviation 0.2000"
	for _, c := range []struct {
		name, fact string
		images     int
		mean, std  float64
		unlike     bool
	}{
		{"alike", fact, 50, 0.44, 0.21, false},
		{"brighter", fact, 50, 0.46, 0.2, true},
		{"darker", fact, 50, 0.34, 0.2, true},
		{"flatter", fact, 50, 0.4, 0.15, true},
		{"steeper", fact, 50, 0.4, 0.26, true},
		{"too few", fact, 9, 0.9, 0.2, false},
		{"nothing known", "", 50, 0.9, 0.2, false},
		{"below zero, as normalised pixels are", "mean -1.2000, standard deviation 0.5000", 50, 0.1, 0.5, true},
		{"blank", "mean 0.4000, standard deviation 0.0000", 50, 0.9, 0.2, false},
	} {
		if text := Unlike(c.fact, c.images, c.mean, c.std); (text != "") != c.unlike {
			t.Errorf("%s: got %q", c.name, text)
		}
	}
	if text := Unlike(fact, 50, 0.46, 0.2); !strings.Contains(text, "these 50 images have the mean 0.460 and the standard deviation 0.200, those of training 0.400 and 0.200") {
		t.Errorf("got %q", text)
	}
}
