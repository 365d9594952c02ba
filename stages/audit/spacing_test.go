package audit

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/parity"
	"vertebra/stages/stage"
)

// spaced are the cases of a study of testdata/spacing.json, and what their spacings are.
type spaced struct {
	Name, Type string
	Images     map[string]struct {
		Rows, Columns                  int
		Spacing, Position, Orientation []float64
	}
	Points []struct {
		Condition, Level, Image string
		X, Y                    float64
	}
	Want map[string]struct {
		Length      float64
		Millimetres bool
	}
}

func (s spaced) cases() Cases {
	out := Cases{Series: map[string]Series{s.Name: {Type: s.Type}}, heads: headers.ByPath{}}
	for path, image := range s.Images {
		out.heads[path] = &headers.Header{Rows: image.Rows, Columns: image.Columns, PixelSpacing: image.Spacing, Position: image.Position, Orientation: image.Orientation}
	}
	for i, p := range s.Points {
		tags := map[string]string{"condition": p.Condition, LevelTag: p.Level}
		out.Cases = append(out.Cases, stage.Case{ID: fmt.Sprint("case ", i), Group: s.Name, Series: s.Name, Image: p.Image, Point: &stage.Point{X: p.X, Y: p.Y}, Tags: tags})
	}
	return out
}

// TestSpacingsOfLevelsAgreeWithNumPy, whatever the order of the cases.
func TestSpacingsOfLevelsAgreeWithNumPy(t *testing.T) {
	t.Parallel()
	var studies []spaced
	parity.Read(t, "testdata/spacing.json", &studies)
	for _, s := range studies {
		for _, backwards := range []bool{false, true} {
			cases := s.cases()
			if backwards {
				slices.Reverse(cases.Cases)
			}
			cases.SpaceLevels()
			for _, c := range cases.Cases {
				want := s.Want[c.Tags["condition"]]
				if got := c.Spacing; !(math.Abs(got.Length-want.Length) < 1e-9) || got.Millimetres != want.Millimetres {
					t.Errorf("%s: %s %s: got %+v, want %+v", s.Name, c.Tags["condition"], c.Tags[LevelTag], got, want)
				}
			}
		}
	}
	if len(studies) < 8 {
		t.Errorf("%d studies", len(studies))
	}
}

// TestSpacingsAreOfASeries, and of points with a level alone: series do not mix, and of two points of
// a level and condition that with the first name counts.
func TestSpacingsAreOfASeries(t *testing.T) {
	t.Parallel()
	at := func(id, series, level string, y float64) stage.Case {
		return stage.Case{ID: id, Series: series, Image: series + ".png", Point: &stage.Point{Y: y}, Tags: map[string]string{LevelTag: level}}
	}
	c := Cases{heads: headers.ByPath{"a.png": {}, "b.png": {}, "c.png": {}}}
	c.Cases = []stage.Case{at("1", "a", "2", 0), at("3", "a", "10", 50), at("2", "a", "10", 7), at("4", "b", "2", 0), at("5", "b", "10", 9), at("6", "c", "2", 0), at("7", "c", "", 5)}
	c.Cases[1].Series, c.Cases[1].Image = "a", "a.png"
	c.SpaceLevels()
	for i, want := range []float64{7, 7, 7, 9, 9, 0, 0} {
		if got := c.Cases[i].Spacing.Length; got != want {
			t.Errorf("case %s: got %v, want %v", c.Cases[i].ID, got, want)
		}
	}
	marks(c.Cases)
	for _, m := range c.Cases[3].Marks {
		if m.Spacing.Length != 9 && m.Series == "b" {
			t.Errorf("got %+v", m)
		}
	}
}
