package locate

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// spine is a study with two series of one type, and marks of a level.
func spine() audit.Cases {
	files := func(series string, n int) (out []audit.File) {
		for i := range n {
			out = append(out, audit.File{Path: series + "/" + string(rune('a'+i)), Instance: i + 1})
		}
		return out
	}
	tags := func(condition string) map[string]string {
		return map[string]string{"condition": condition, "level": "l4_l5"}
	}
	at := func(x float64) *stage.Point { return &stage.Point{X: x, Y: 2} }
	marks := []stage.Mark{{Name: "canal", Image: "s/1/e", Series: "s/1", Point: at(1)}, {Name: "left", Image: "s/2/c", Series: "s/2", Point: at(9)}}
	return audit.Cases{
		Series: map[string]audit.Series{
			"s/1": {Key: "s/1", Study: "s", Type: "Sagittal T2/STIR", Files: files("s/1", 9)},
			"s/2": {Key: "s/2", Study: "s", Type: "Axial T2", Files: files("s/2", 6)},
			"s/3": {Key: "s/3", Study: "s", Type: "Axial T2", Files: files("s/3", 2)},
		},
		Cases: []stage.Case{
			{ID: "1", Group: "s", Image: "s/1/e", Series: "s/1", Point: at(1), Tags: tags("canal"), Split: stage.Train, Marks: marks},
			{ID: "2", Group: "s", Image: "s/2/c", Series: "s/2", Point: at(9), Tags: tags("left"), Split: stage.Train, Marks: marks},
			{ID: "3", Group: "t", Image: "alone.png", Point: at(3), Tags: map[string]string{}, Split: stage.Validation},
		},
	}
}

func TestScans(t *testing.T) {
	scans, err := Config{}.scans(spine())
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range scans {
		keys = append(keys, s.key+": "+strings.Join(s.names, ", ")+" "+s.body)
	}
	want := []string{"alone.png: point in alone.png", "s/1: canal l4_l5 of s", "s/2: left l4_l5 of s"}
	if !slices.Equal(keys, want) {
		t.Errorf("got %q, want %q", keys, want)
	}
	if got := scans[1].shown(2); !slices.Equal(got, []string{"s/1/c", "s/1/e", "s/1/h"}) {
		t.Errorf("training sees %v", got)
	}
	if got := scans[1].shown(100); len(got) != 9 {
		t.Errorf("training sees %v", got)
	}
	scans[1].split = stage.Test
	if got := scans[1].shown(0); len(got) != 9 {
		t.Errorf("the test sees %v", got)
	}
	cases := spine()
	cases.Cases[1].Marks[1].Name, cases.Cases[1].Marks[1].Series = "canal", "s/1"
	if _, err := (Config{}).scans(cases); err == nil || !strings.Contains(err.Error(), `two points are called "canal l4_l5" in s/1`) {
		t.Errorf("of one name twice: %v", err)
	}
	if _, err := (Config{}).scans(audit.Cases{Cases: []stage.Case{{ID: "x"}}}); err == nil || !strings.Contains(err.Error(), "no case has a point") {
		t.Errorf("without points: %v", err)
	}
}

func TestNames(t *testing.T) {
	tags := map[string]string{"condition": "canal", "level": "l1_l2", "structure": "fovea"}
	for want, c := range map[string]Config{"canal l1_l2": {}, "fovea": {Tags: []string{"structure"}}, "point": {Tags: []string{"absent"}}} {
		if got := c.nameOf(tags); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSearch: a point is looked for in all series of the type of its case's, and by name where it is asked for.
func TestSearch(t *testing.T) {
	scans := search(spine(), Config{}.WantedOf(spine().Cases))
	var got []string
	for _, s := range scans {
		got = append(got, s.key+" "+strings.Join(s.names, ",")+" "+strings.Join(s.slices, ","))
	}
	want := []string{"alone.png point alone.png", "s/1 canal l4_l5 s/1/a,s/1/b,s/1/c,s/1/d,s/1/e,s/1/f,s/1/g,s/1/h,s/1/i",
		"s/2 left l4_l5 s/2/a,s/2/b,s/2/c,s/2/d,s/2/e,s/2/f", "s/3 left l4_l5 s/3/a,s/3/b"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWantedOfImages: images of one series that are named one by one are looked at one by one.
func TestWantedOfImages(t *testing.T) {
	at := func(image string) stage.Case {
		return stage.Case{ID: image, Group: "s", Image: image, Series: "s/2", Tags: map[string]string{}}
	}
	for _, w := range (Config{}).WantedOf([]stage.Case{at("s/2/a"), at("s/2/b")}) {
		if w.Series != "" || w.Image != w.Case {
			t.Errorf("got %+v", w)
		}
	}
	for _, w := range (Config{}).WantedOf([]stage.Case{at("s/2/a"), at("s/2/a")}) { // two labels of an image
		if w.Series != "s/2" {
			t.Errorf("got %+v", w)
		}
	}
}

// TestAsked: of the cases of a slice those alone have a point whose point lies there.
func TestAsked(t *testing.T) {
	scans, err := Config{}.scans(spine())
	if err != nil {
		t.Fatal(err)
	}
	cases := asked(spine(), names(scans), scans, func(s scan) []string { return s.shown(1) })
	with := map[string]bool{}
	for _, c := range cases.Cases {
		with[strings.ReplaceAll(c.ID, between, " ")] = c.Point != nil
		if c.Target < 0 || cases.Targets[c.Target] != strings.Split(c.ID, between)[1] {
			t.Errorf("case %q has target %d", c.ID, c.Target)
		}
	}
	if len(with) != 5 || !with["s/1/e canal l4_l5"] || !with["s/2/c left l4_l5"] || !with["alone.png point"] {
		t.Errorf("got %v", with)
	}
}

// TestSizes: the way into what the net sees, and back.
func TestSizes(t *testing.T) {
	r := newResized(audit.Cases{}, 64)
	g := stage.Geometry{Rows: 48, Columns: 128}
	p := stage.Point{X: 31.25, Y: 7}
	in := r.inside(g, p)
	if !(math.Abs(in.X-15.375) < 1e-9 && math.Abs(in.Y-9.5) < 1e-9) {
		t.Errorf("inside: %+v", in)
	}
	if back := r.outside(g, in); !(math.Hypot(back.X-p.X, back.Y-p.Y) < 1e-9) {
		t.Errorf("and back: %+v", back)
	}
}

// TestDistances: in the patient where images are placed, in millimetres or pixels within one
// image, and infinite between images of which nobody knows how they lie.
func TestDistances(t *testing.T) {
	sizes := newResized(audit.Cases{}, 64)
	placed := func(z float64) stage.Geometry {
		return stage.NewGeometry(100, 100, []float64{0.5, 2}, []float64{0, 0, z}, []float64{1, 0, 0, 0, 1, 0})
	}
	sizes.seen = map[string]stage.Geometry{
		"a": placed(0), "b": placed(12), "spaced": stage.NewGeometry(100, 200, []float64{0.5, 2}, nil, nil), "plain": stage.NewGeometry(100, 200, nil, nil, nil),
	}
	mm, px := ruler{sizes, true}, ruler{sizes, false}
	p, q := stage.Point{X: 10, Y: 10}, stage.Point{X: 12, Y: 16}
	for what, c := range map[string]struct {
		r    ruler
		a, b string
		want float64
	}{
		"in a slice": {mm, "a", "a", 5}, "between slices": {mm, "a", "b", 13}, "of a picture": {mm, "spaced", "spaced", 5},
		"in pixels": {px, "plain", "plain", math.Hypot(2, 6)}, "of two pictures": {px, "plain", "spaced", math.Inf(1)},
	} {
		if got, err := c.r.between(spot{c.a, p}, spot{c.b, q}); err != nil || got != c.want && !(math.Abs(got-c.want) < 1e-9) {
			t.Errorf("%s: got %v, want %v; %v", what, got, c.want, err)
		}
	}
	if near := px.near(spot{"plain", p}); near != 8 {
		t.Errorf("near is %v px", near)
	}
	m := misses{far: []float64{1, 2, 20, math.Inf(1)}, near: []float64{10, 10, 10, 10}}
	if m.share() != 0.5 || m.mean() != (1+2+20+50)/4.0 || m.quantile(0.5) != 2 || m.quantile(0.9) != math.Inf(1) {
		t.Errorf("share %v, mean %v, quantiles %v and %v", m.share(), m.mean(), m.quantile(0.5), m.quantile(0.9))
	}
	if (misses{}).scalars("mm") != nil {
		t.Error("numbers of no points")
	}
}
