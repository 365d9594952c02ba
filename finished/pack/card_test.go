package pack

import (
	"fmt"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/packages"
)

// TestCard: what is the same of all members stands once, what differs with whose it is; and
// only what a net can be asked is proposed.
func TestCard(t *testing.T) {
	t.Parallel()
	half, low, high := 0.5, 0.25, 0.75
	member := func(id string, side int) packages.Run {
		r := packages.Run{
			ID: id, Backbone: "resnet18", Nets: []packages.Net{{Weights: "w"}},
			Image: &packages.Image{Sample: "point", Channels: 1, Height: side, Width: side, Steps: []packages.Step{{Name: "decode", Version: 1}}, Mean: []float64{0.5}, Std: []float64{0.25}},
			Data:  packages.Data{Splits: &packages.Table{Columns: []string{"split", "a|b"}, Rows: [][]any{{"train", 123456.}, {"mean", 0.123456}}}},
		}
		for fact, value := range map[string]string{"parameters": "7", "libtorch": "2.1"} {
			if err := r.SetFact(fact, value); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	m := packages.Manifest{Program: "abc", Left: []string{"data.drop"}, Members: []packages.Run{member("one", 8), member("two", 8)},
		Run: packages.Run{ID: "both", Name: "Both", Numbers: []packages.Number{
			{Series: "test", Name: "f1", Value: &half, Low: &low, High: &high, Level: 0.9}, {Series: "test", Name: "auroc"}, {Series: "test fold 1", Name: "f1", Value: &half},
		}}}
	if err := m.Run.SetFact("classes", `["no","yes"]`); err != nil {
		t.Fatal(err)
	}
	wants := func(what string, times map[string]int) {
		t.Helper()
		text := string(card(m))
		for part, want := range times {
			if got := strings.Count(text, part); got != want {
				t.Errorf("%s: %q stands %d times, want %d:\n%s", what, part, got, want, text)
			}
		}
	}
	wants("alike", map[string]int{
		"# Both\n": 1, "- classes: no, yes\n": 1, "- net: resnet18, 7 parameters, begun from drawn weights\n": 1, "lead to 1×8×8": 1, "| split | a\\|b |\n| --- | --- |\n| train | 123456 |\n| mean | 0.1235 |\n": 1,
		"in brackets the 90 % interval": 1, "| f1 | 0.5000 (0.2500 to 0.7500) |\n": 1, "| auroc | – |\n": 1, "model.zip new/*.dcm": 1, "cases.csv": 1, "\nOf ": 0, `replaced by "left-out": data.drop` + "\n": 1,
	})
	m.Members[1] = member("two", 16)
	m.Members[0].Image.Point = true
	wants("members that differ", map[string]int{"\nOf one:\n": 1, "\nOf two:\n": 1, "lead to 1×8×8": 1, "lead to 1×16×16": 1, "- net: ": 1, "model.zip new/*.dcm": 0, "columns image, x, y\n": 1})
	m.Members[0].Image.Levels = true
	wants("cropped by the spacing of levels", map[string]int{"# a row for each point: columns image, x, y, level\n": 1, "- cropped by how far neighbouring levels of its series lie apart: ": 1})
	m.Members[0].Image.Place = true
	wants("cropped by the spacing of levels of tables", map[string]int{"- cropped by how far neighbouring levels of its series lie apart\n": 1, "column level": 0})
	m.Members[0].Image.Levels, m.Members[0].Image.Place = false, false
	m.Members[1].Image.Place = true
	wants("by tables", map[string]int{"model.zip new/*.dcm": 0, "cases.csv": 0, "theirs.yaml": 1, "name an experiment file": 1})
	m.Members[0].Image.Point, m.Members[1].Image.Place = false, false
	m.Members[0].Image.Columns, m.Members[1].Image.Columns = []string{"left", "right"}, []string{"left", "right"}
	wants("images of a row", map[string]int{"model.zip new/*.dcm": 0, "cases.csv -o out.csv                 # rows as those of the training: columns left, right\n": 1, "- named by a table, in the columns left, right\n": 2})
	m.Members = m.Members[:1]
	m.Members[0].Trained, m.Run.Trained = "2026-01-01", "2026-02-02"
	wants("one, calibrated", map[string]int{"- trained: run one, finished on 2026-01-01, ": 1, "- its answers are those of that run as run both has them, made on 2026-02-02\n": 1, "it blends": 0})
}

// TestImageColumns: what a table of new images must have besides covariates.
func TestImageColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source audit.Source
		want   string
	}{
		{audit.Table{Image: "path"}, "[]"},
		{audit.RSNA{}, "[]"},
		{audit.Table{Images: map[string]audit.Pictured{"right": {"image": "od"}, "left": {"image": "os", "grade": "os_grade"}}}, "[od os]"},
		{audit.Table{Image: "{id}_{view}.jpg", Images: map[string]audit.Pictured{"l": {}, "r": {}}}, "[{id}_{view}.jpg]"},
		{audit.Table{Image: "{exam}/{file}", Group: "exam", View: "{side} {position}"}, "[exam {exam}/{file} {side} {position}]"},
	} {
		if got := fmt.Sprint(imageColumns(c.source)); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.source, got, c.want)
		}
	}
}
