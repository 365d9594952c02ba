package reports

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestPictureWords: who hears the page gets case, split, target and what the net said with the
// picture, once: its caption, which is short where the page knows the case, is for eyes alone.
func TestPictureWords(t *testing.T) {
	t.Parallel()
	rec := sample(t)
	rec.Figures, rec.Facts = nil, []stage.Fact{{Name: "classes", Value: `["mild","severe"]`}}
	rec.Predictions = []stage.Prediction{
		{CaseID: "c1", Split: stage.Test, Label: 1, Probabilities: []float64{0.75, 0.25}, Tags: map[string]string{stage.TargetTag: "mass", "site": "north"}},
		{CaseID: "c2", Split: stage.Validation, Label: 0, Probabilities: []float64{0.5, 0.5}},
	}
	g := stage.Gallery{Name: "g", Title: "some", Pictures: []stage.Picture{
		{Case: "c1", Caption: "c1 · severe, taken for mild (0.750)"}, {Case: "c2", Caption: "c2 · outlier_p 0.03"}, {Case: "c2", Caption: "c2"},
		{Case: "c9", Caption: "c9 · mild"}, {Caption: "epoch 3 · mild"},
	}}
	for i := range g.Pictures {
		g.Pictures[i].PNG = picture(t, i, 8)
	}
	broken := stage.Picture{Case: "c2", Caption: "c2 · no picture", PNG: []byte("none")}
	g.Pictures = append(g.Pictures, broken)
	rec.Figures = append(rec.Figures, g)
	page := render(t, rec)
	page = page[strings.Index(page, `id="gallery-1"`):]
	page = page[:strings.Index(page, "</section>")]
	for _, want := range []struct{ alt, caption string }{
		{"case c1 of the test split, mass: severe, taken for mild (0.750)", "mass: severe → mild 0.75"},
		{"case c2 of the validation split: outlier_p 0.03", "mild 0.50 · outlier_p 0.03"},
		{"case c2 of the validation split", "mild 0.50"},
		{"c9 · mild", "c9 · mild"},
		{"epoch 3 · mild", "epoch 3 · mild"},
	} {
		if !strings.Contains(page, ` alt="`+want.alt+`"`) {
			t.Errorf("no picture is told of as %q", want.alt)
		}
		if !strings.Contains(page, `<p class="caption" aria-hidden="true">`+want.caption+"</p>") {
			t.Errorf("no caption %q is for eyes alone", want.caption)
		}
	}
	if want := `<p class="caption">c2 · no picture</p>`; !strings.Contains(page, want) {
		t.Errorf("no %s: of a picture that cannot be read nothing else tells", want)
	}
}

// TestFlippedWords: a case that another run takes otherwise is told with both answers.
func TestFlippedWords(t *testing.T) {
	t.Parallel()
	a := &album{classes: []string{"mild", "severe"}}
	f := Flips{A: "base", B: "larger"}
	v := a.flipped(f, Flipped{Case: "c1", True: 1, A: 0, B: 1, InA: []float64{0.75, 0.25}, InB: []float64{0.25, 0.75}, PNG: picture(t, 1, 8)})
	if want := "case c1: severe, base: mild, larger: severe"; v.Alt != want {
		t.Errorf("got %q, want %q", v.Alt, want)
	}
	if want := "severe: mild 0.75 → severe 0.75"; v.Short != want {
		t.Errorf("got %q, want %q", v.Short, want)
	}
}
