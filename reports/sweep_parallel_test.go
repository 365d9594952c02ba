package reports

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"
)

// TestColoursAreEighths: values fall into eighths, the best first whichever way is better; equal ones
// have one colour.
func TestColoursAreEighths(t *testing.T) {
	t.Parallel()
	lower := func(a, b float64) bool { return a < b }
	higher := func(a, b float64) bool { return a > b }
	var rising, falling []float64
	for i := range 16 {
		rising, falling = append(rising, float64(i)), append(falling, float64(15-i))
	}
	for i := range 16 {
		if got := colourPart(rising, float64(i), lower); got != i/2 {
			t.Errorf("the lower the better: %d has colour %d, want %d", i, got, i/2)
		}
		if got := colourPart(falling, float64(i), higher); got != (15-i)/2 {
			t.Errorf("the higher the better: %d has colour %d, want %d", i, got, (15-i)/2)
		}
	}
	for _, v := range []float64{1, 1, 1, 1} {
		if got := colourPart([]float64{1, 1, 1, 1}, v, lower); got != 0 {
			t.Errorf("all are the best, and have colour %d", got)
		}
	}
}

// TestParallelCoordinates: each trial that has a value has a line; all trials are there for the script,
// the best first, with the places of the settings that count.
func TestParallelCoordinates(t *testing.T) {
	t.Parallel()
	s := wideSweep(60, 5)
	s.Trials[7].Value = math.Inf(1)
	plot, err := s.parallel()
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`<path [^>]*class="trial (?:q[0-7]|best)" data-trial="(\d+)"`).FindAllStringSubmatch(string(plot.SVG), -1)
	if len(lines) != len(s.ranked()) {
		t.Errorf("%d lines of %d trials", len(lines), len(s.ranked()))
	}
	if n := strings.Count(string(plot.SVG), `class="trial best"`); n != 1 {
		t.Errorf("%d lines are the best", n)
	}
	if n := strings.Count(string(plot.SVG), ">logarithmic<"); n != 2 {
		t.Errorf("%d axes say that they are logarithmic, want 0 and 3", n)
	}
	var v trialsView
	if err := json.Unmarshal([]byte(plot.Trials), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Trials) != 60 || len(v.Axes) != 6 || !v.Axes[2].Choices || v.Axes[1].Choices || v.Trials[0].Number != s.Best || !v.Trials[0].Best {
		t.Errorf("got %d trials, %d axes, the first trial is %+v", len(v.Trials), len(v.Axes), v.Trials[0])
	}
	for _, trial := range v.Trials {
		_, counts := s.Trials[trial.Number].Shares[s.Settings[3].Path]
		if got := trial.At[3] != nil; got != counts {
			t.Errorf("trial %d: setting 3 counts: %v, want %v", trial.Number, got, counts)
		}
		if got := trial.At[5] != nil; got != !math.IsNaN(s.Trials[trial.Number].Value) {
			t.Errorf("trial %d: it has a value: %v", trial.Number, got)
		}
	}
}
