package asking

import (
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

var (
	sexAndAge = []Covariate{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}}
	twoViews  = []View{{Name: "left"}, {Name: "right", Optional: true}}
)

// TestFits: what a question lacks is told, and what nobody asked for; whole questions are taken.
func TestFits(t *testing.T) {
	t.Parallel()
	at := func(images ...string) map[string]stage.Point {
		out := map[string]stage.Point{}
		for _, image := range images {
			out[image] = stage.Point{X: 1, Y: 2}
		}
		return out
	}
	two := []string{"a.png", "s/b.dcm"}
	for name, c := range map[string]struct {
		wants Wants
		q     Question
		want  string // "" where it is taken
	}{
		"images":                   {Wants{}, Question{Files: two}, ""},
		"nothing":                  {Wants{}, Question{}, "no file came"},
		"a point for nobody":       {Wants{}, Question{Files: two, Points: at("a.png")}, "look at no point"},
		"no point":                 {Wants{Point: Needed}, Question{Files: two}, "none is told"},
		"points":                   {Wants{Point: Needed}, Question{Files: two, Points: at("a.png", "s/b.dcm")}, ""},
		"a point of a frame":       {Wants{Point: Needed}, Question{Files: []string{"v.dcm"}, Points: at("v.dcm#7")}, ""},
		"one point of two":         {Wants{Point: Needed}, Question{Files: two, Points: at("a.png")}, "no point lies in s/b.dcm"},
		"one of two, found":        {Wants{Point: Found}, Question{Files: two, Points: at("a.png")}, "or none, and the run's own net finds them"},
		"one slice of a stack":     {Wants{Point: Needed, Stacks: true}, Question{Files: two, Points: at("s/b.dcm")}, ""},
		"found":                    {Wants{Point: Found}, Question{Files: two}, ""},
		"a point elsewhere":        {Wants{Point: Found}, Question{Files: two, Points: at("c.png")}, "a point lies in c.png, and no such file came"},
		"a point nowhere":          {Wants{Point: Found}, Question{Files: two, Points: map[string]stage.Point{"a.png": {X: math.NaN()}}}, "is at (NaN"},
		"places":                   {Wants{Point: Found, Places: []string{"l", "r"}}, Question{Files: two, Place: "l"}, ""},
		"no place":                 {Wants{Point: Found, Places: []string{"l", "r"}}, Question{Files: two}, "nobody says which is meant"},
		"another place":            {Wants{Point: Found, Places: []string{"l", "r"}}, Question{Files: two, Place: "x"}, `nothing is called "x"`},
		"covariates":               {Wants{Covariates: sexAndAge}, Question{Files: two, Covariates: map[string]string{"sex": "f", "age": "61.5"}}, ""},
		"unknown ones":             {Wants{Covariates: sexAndAge}, Question{Files: two}, ""},
		"another covariate":        {Wants{Covariates: sexAndAge}, Question{Files: two, Covariates: map[string]string{"Sex": "f"}}, "known: sex, age"},
		"a covariate for nobody":   {Wants{}, Question{Files: two, Covariates: map[string]string{"sex": "f"}}, "take nothing besides images"},
		"a value that is none":     {Wants{Covariates: sexAndAge}, Question{Files: two, Covariates: map[string]string{"sex": "female"}}, "known: f, m"},
		"a number that is none":    {Wants{Covariates: sexAndAge}, Question{Files: two, Covariates: map[string]string{"age": "old"}}, "is no number"},
		"views":                    {Wants{Views: twoViews}, Question{Files: []string{"left/a", "right/b"}, Views: map[string]string{"left": "left/a", "right": "right/b"}}, ""},
		"one view":                 {Wants{Views: twoViews}, Question{Files: []string{"left/a"}, Views: map[string]string{"left": "left/a"}}, ""},
		"the other":                {Wants{Views: twoViews}, Question{Files: []string{"right/a"}, Views: map[string]string{"right": "right/a"}}, "the view left is missing"},
		"a file beside":            {Wants{Views: twoViews}, Question{Files: []string{"left/a", "c"}, Views: map[string]string{"left": "left/a"}}, "a file came that is no view"},
		"another view":             {Wants{Views: twoViews}, Question{Files: []string{"left/a", "top/b"}, Views: map[string]string{"left": "left/a", "top": "top/b"}}, `there is no view "top"`},
		"views for nobody":         {Wants{}, Question{Files: []string{"left/a"}, Views: map[string]string{"left": "left/a"}}, "see one picture of each sample"},
		"views without all points": {Wants{Views: twoViews, Point: Needed}, Question{Files: []string{"left/a", "right/b"}, Views: map[string]string{"left": "left/a", "right": "right/b"}, Points: at("left/a")}, "there are 1 points in 2 views"},
	} {
		err := c.wants.fits(c.q)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestMembersTogether: an ensemble wants what any of its members does.
func TestMembersTogether(t *testing.T) {
	t.Parallel()
	one := Wants{Sample: "image", Point: Found, Covariates: []Covariate{{Name: "sex", Values: []string{"f", "m"}, Headers: true}}}
	other := Wants{Sample: "image", Slices: true, Point: Needed, Covariates: []Covariate{{Name: "age"}, {Name: "sex", Values: []string{"m", "x"}}}}
	both, err := one.and(other)
	if err != nil {
		t.Fatal(err)
	}
	if c := both.Covariates; both.Point != Needed || !both.Slices || len(c) != 2 || strings.Join(c[0].Values, "") != "fmx" || c[0].Headers || c[1].Name != "age" {
		t.Errorf("got %+v", both)
	}
	for want, w := range map[string]Wants{
		"others studies":           {Sample: "study", Stacks: true},
		"other views":              {Sample: "image", Views: twoViews},
		"sex is a number for some": {Sample: "image", Covariates: []Covariate{{Name: "sex"}}},
	} {
		if _, err := one.and(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
