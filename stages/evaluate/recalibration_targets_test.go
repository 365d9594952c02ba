package evaluate

import (
	"errors"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestRecalibrationOfTargets has a row for each target, for the first class as well as the last.
func TestRecalibrationOfTargets(t *testing.T) {
	t.Parallel()
	items := some(80)
	for i := range items {
		items[i].Tags = map[string]string{stage.TargetTag: []string{"left", "right"}[i%2]}
	}
	p := Predictions{Classes: classes, Items: items, averageOver: stage.TargetTag}
	for _, class := range []string{classes[0], ""} {
		want := class
		if class == "" {
			want = classes[len(classes)-1]
		}
		r := Recalibration{Class: class}.ShowTargets(p, p.targets())
		var rows []string
		for _, row := range r.Tables[0].Rows {
			if class, is := row[2].(string); is && len(rows) < 2 {
				rows = append(rows, row[0].(string)+" "+class)
			}
		}
		if got := strings.Join(rows, ", "); got != "left "+want+", right "+want {
			t.Errorf("class %q: got %q", class, got)
		}
	}
}

// TestTargetsWithoutCalibration are named, one as well as several.
func TestTargetsWithoutCalibration(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: classes, Items: some(20), averageOver: stage.TargetTag}
	for _, c := range []struct {
		l    lacking
		want []string // level and what is named
	}{
		{lacking{}, nil},
		{lacking{own: []string{"left"}}, []string{"info: left: fewer than"}},
		{lacking{any: []string{"right"}, why: errors.New("no fit")}, []string{"warning: right: no fit"}},
		{lacking{own: []string{"left"}, any: []string{"right"}, why: errors.New("no fit")}, []string{"info: left: fewer than", "warning: right: no fit"}},
	} {
		got := c.l.tell(p)
		if len(got) != len(c.want) {
			t.Errorf("%+v: got %v", c.l, got)
			continue
		}
		for i, want := range c.want {
			level, words, _ := strings.Cut(want, ": ")
			if e := got[i].(stage.Event); e.Level != level || !strings.Contains(e.Text, words) {
				t.Errorf("%+v: got %+v, want %q", c.l, e, want)
			}
		}
	}
}
