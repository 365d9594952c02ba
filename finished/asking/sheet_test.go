package asking

import (
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestSheet: questions as the tables that runner predict reads.
func TestSheet(t *testing.T) {
	t.Parallel()
	images := map[string]audit.Pictured{"left": {"image": "l"}, "right": {"image": "r"}}
	for name, c := range map[string]struct {
		sheet
		want string
	}{
		"files with words": {sheet{wants: Wants{Sample: "image"}, q: arranged{Question: Question{Files: []string{"a.png", "b, c.png"}}}, tags: map[string]string{"sex": "f"}},
			"asked image,sex\na.png,f\n\"b, c.png\",f\n"},
		"points": {sheet{wants: Wants{Sample: "image"}, q: arranged{Question: Question{Files: []string{"v.dcm", "a.png"}, Points: map[string]stage.Point{"v.dcm#2": {X: 1.5, Y: 1e-7}, "a.png": {X: 3, Y: 4}}}, moved: map[string]string{"v.dcm": "s/v.dcm"}}},
			"asked image,asked x,asked y\na.png,3,4\ns/v.dcm#2,1.5,1e-07\n"},
		"series": {sheet{wants: Wants{Sample: "series", Stacks: true}, q: arranged{Question: Question{Files: []string{"s/1.dcm", "s/2.dcm", "v.nii.gz"}}}, tags: map[string]string{"age": "7"}},
			"age,asked image,asked series\n7,s,s\n7,v.nii.gz,v.nii.gz\n"},
		"a study": {sheet{wants: Wants{Sample: "study", Stacks: true}, q: arranged{Question: Question{Files: []string{"p/s/1.dcm", "p/t/2.dcm"}}}},
			"asked group,asked image,asked series\np,p/s,p/s\np,p/t,p/t\n"},
		"views of a row": {sheet{wants: Wants{Sample: "image", Views: twoViews}, own: audit.Table{Images: images}, q: arranged{Question: Question{Views: map[string]string{"left": "left/a.png"}}}},
			"asked image left,asked image right\nleft/a.png,\n"},
		"views with points": {sheet{wants: Wants{Sample: "image", Point: Needed, Views: twoViews}, own: audit.Table{Images: images}, q: arranged{Question: Question{Views: map[string]string{"left": "left/a.png", "right": "right/a.png"}, Points: map[string]stage.Point{"left/a.png": {X: 1, Y: 2}, "right/a.png": {X: 3, Y: 4}}}}},
			"asked image left,asked image right,asked x left,asked x right,asked y left,asked y right\nleft/a.png,right/a.png,1,3,2,4\n"},
		"views of a study": {sheet{wants: Wants{Sample: "study", Stacks: true, Views: twoViews}, own: audit.Table{View: "{side}"}, q: arranged{Question: Question{Views: map[string]string{"left": "left/a.png", "right": "right/b.png"}}}},
			"asked group,asked image,asked view\nsample,left/a.png,left\nsample,right/b.png,right\n"},
		"as many columns as the run's, which has no first line": {sheet{wants: Wants{Sample: "image"}, own: audit.Table{Columns: []string{"path", "sex"}}, q: arranged{Question: Question{Files: []string{"a.png"}}}, tags: map[string]string{"sex": "f"}},
			"asked image,sex,asked\na.png,f,\n"},
	} {
		if got := string(c.csv()); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, c.want)
		}
	}
}

// TestCellOf: a value goes into the table in the words of the run's own, where it would be read as
// another one.
func TestCellOf(t *testing.T) {
	t.Parallel()
	own := audit.Table{Replace: map[string]map[string]string{"sex": {"1": "male", "2": "female"}, "grade": {"0": "1", "1": "0"}}}
	for _, c := range [][3]string{{"sex", "male", "male"}, {"grade", "1", "0"}, {"grade", "0", "1"}, {"age", "1", "1"}} {
		if got := cellOf(own, c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestTopmost(t *testing.T) {
	t.Parallel()
	if got := strings.Join(topmost([]string{"s/2.dcm", "a.png", "s/1.dcm", "s/t/3.dcm"}), " "); got != "a.png s" {
		t.Error(got)
	}
}
