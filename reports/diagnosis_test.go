package reports

import (
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

func TestDiagnosis(t *testing.T) {
	t.Parallel()
	rec := sample(t)
	if strings.Contains(render(t, rec), `id="diagnosis"`) {
		t.Error("a run without findings has a diagnosis")
	}
	names := []string{"mild", "severe"}
	rec.Figures = append(rec.Figures, stage.Matrix{Name: "confusion", Title: "Confusion matrix, validation", Rows: names, Columns: names, Values: [][]float64{{9, 0}, {4, 0}}})
	page := render(t, rec)
	for _, want := range []string{`id="diagnosis"`, "No case is taken for severe", "Try:"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	link := strings.Index(page, "see the figure")
	if link < 0 {
		t.Fatal("no link to the figure")
	}
	href := page[strings.LastIndex(page[:link], `href="#`)+7 : link-2]
	if !strings.Contains(page, `id="`+href+`"`) {
		t.Errorf("the finding links to %q, which is not there", href)
	}
}

// TestLabels: no two figures share an id, and a name leads to its first figure.
func TestLabels(t *testing.T) {
	t.Parallel()
	l := labels{}
	got := []string{l.id("loss"), l.id("loss"), l.id("Loss"), l.id("a b"), l.id("a-b")}
	seen := map[string]bool{}
	for _, id := range got {
		if seen[id] {
			t.Errorf("%s is given twice: %v", id, got)
		}
		seen[id] = true
	}
	if l["loss"] != got[0] {
		t.Errorf("loss is at %s, want %s", l["loss"], got[0])
	}
}

func TestCellsLeadToPictures(t *testing.T) {
	t.Parallel()
	rec := &results.RunRecord{Figures: []stage.Record{
		stage.Matrix{Name: "confusion", Title: "Confusion matrix, test", Rows: classes, Columns: classes, Values: [][]float64{{9, 2, 0}, {4, 3, 1}, {0, 0, 5}}},
		stage.Gallery{Name: "c", Title: "moderate taken for normal_mild", Cell: &stage.Cell{Matrix: "Confusion matrix, test", Row: "moderate", Column: "normal_mild"},
			Pictures: []stage.Picture{{Caption: "one", PNG: picture(t, 1, 8)}}},
	}}
	page := render(t, rec)
	if !strings.Contains(page, `<a href="#gallery-1" title="see some of these cases">4</a>`) || !strings.Contains(page, `id="gallery-1"`) {
		t.Error("the cell of 4 cases does not lead to its gallery")
	}
	if strings.Count(page, "see some of these cases") != 1 {
		t.Error("cells without a gallery lead somewhere")
	}
}
