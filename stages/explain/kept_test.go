package explain

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestKept: mistakes are shown of which another run kept a picture, and counted all.
func TestKept(t *testing.T) {
	t.Parallel()
	var predictions []stage.Prediction
	for i := range 6 { // those of odd number are wrong
		p := stage.Prediction{CaseID: fmt.Sprint(i), Split: stage.Test, Label: 0, Probabilities: []float64{0.6, 0.4}}
		if i%2 == 1 {
			p.Probabilities = []float64{0.3 - float64(i)/100, 0.7 + float64(i)/100}
		}
		predictions = append(predictions, p)
	}
	m, asked := &memory{}, []string(nil)
	err := Kept(t.Context(), stage.Env{Recorder: m}, []string{"no", "yes"}, predictions, func(_ context.Context, cases []string) (map[string][]byte, error) {
		asked = cases
		return map[string][]byte{"1": {1}, "5": {5}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, record := range m.records {
		switch r := record.(type) {
		case stage.Thumbnail:
			got = append(got, fmt.Sprint("thumbnail ", r.Case, r.PNG))
		case stage.Gallery:
			for _, p := range r.Pictures {
				got = append(got, fmt.Sprint(r.Title, ": ", p.Case, p.PNG))
			}
		}
	}
	const worst, cell = "Worst mistakes, test: the truth was thought least likely: ", "no taken for yes, test: 2 of 3 cases: "
	want := []string{"thumbnail 1[1]", "thumbnail 5[5]", worst + "5[5]", worst + "1[1]", cell + "5[5]", cell + "1[1]"}
	if !slices.Equal(got, want) || !slices.Equal(asked, []string{"1", "3", "5"}) {
		t.Errorf("got %q of %q, want %q", got, asked, want)
	}
}
