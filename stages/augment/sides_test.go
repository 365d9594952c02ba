package augment

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
)

func TestSides(t *testing.T) {
	for _, c := range []struct {
		classes []string
		want    []int
		err     string
	}{
		{[]string{"normal_mild", "moderate", "severe"}, nil, ""},
		{[]string{"none", "left_stenosis", "right_stenosis"}, []int{0, 2, 1}, ""},
		{[]string{"Right Foramen", "Left Foramen", "canal"}, []int{1, 0, 2}, ""},
		{[]string{"left", "right"}, []int{1, 0}, ""},
		{[]string{"cleft", "bright", "leftover"}, nil, ""},
		{[]string{"left_stenosis", "normal"}, nil, `no class "right_stenosis"`},
		{nil, nil, ""},
	} {
		sides, err := Names{Classes: c.classes}.Sides()
		if got := sides.Classes; !reflect.DeepEqual(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: got %v, %v; want %v, %q", c.classes, sides, err, c.want, c.err)
		}
	}
}

// TestShortViews: views of both sides change places by their first letter, and by the short
// forms of covariates.
func TestShortViews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		views []string
		want  []int
	}{
		{[]string{"lcc", "lmlo", "rcc", "rmlo"}, []int{2, 3, 0, 1}},
		{[]string{"R-CC", "L-CC"}, []int{1, 0}},
		{[]string{"od", "os"}, []int{1, 0}},
		{[]string{"eye_L", "eye_R", "lateral"}, []int{1, 0, 2}},
		{[]string{"left", "right"}, []int{1, 0}},
		{[]string{"lateral", "frontal"}, nil},
		{[]string{"lcc", "lmlo"}, nil},
	} {
		if sides, err := (Names{Views: c.views}).Sides(); err != nil || !slices.Equal(sides.Views, c.want) {
			t.Errorf("%q: got %v, %v; want %v", c.views, sides.Views, err, c.want)
		}
	}
}

// TestSidesOfOwnClasses: the target of the other side must have the same classes, or those of
// its side.
func TestSidesOfOwnClasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		classes []string
		among   [][]int
		want    string
	}{
		{[]string{"a", "b", "c"}, [][]int{{0, 1}, {0, 1}, {2, 0}}, ""},
		{[]string{"a", "b", "c"}, [][]int{{0, 1}, {1, 0}, {2, 0}}, `the classes of target "left x" are a, b, those of its other side, "right x", b, a`},
		{[]string{"a", "b", "c"}, [][]int{{0, 1}, {0, 1, 2}, {2, 0}}, "are a, b, those"},
		{[]string{"none", "left", "right"}, [][]int{{0, 1}, {2, 0}, {0, 1, 2}}, ""},
		{[]string{"none", "left", "right"}, [][]int{{0, 1}, {0, 1}, {0, 1, 2}}, "are none, left, those"},
	} {
		names := Names{Classes: c.classes, Targets: []string{"left x", "right x", "y"}, Among: c.among}
		_, err := names.Sides()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.among, err, c.want)
		}
		said := Config{{Name: "flip", Part: Flip{When: Always, Horizontal: 0.5, Sides: "swap"}}}.CheckSides(names, nil)
		if (said == nil) != (c.want == "") || said != nil && !strings.Contains(said.Error(), "name the same classes for both in data.target_classes") {
			t.Errorf("%v: flip says %v", c.among, said)
		}
	}
}

// TestShortSides: L and R, and OD and OS, change places in covariates that have both, numbers
// with whether they are known; in classes and targets they mean no side.
func TestShortSides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names Names
		want  []int
	}{
		{Names{Covariates: []string{"Laterality L", "Laterality R", "sex f"}}, []int{1, 0, 2}},
		{Names{Covariates: []string{"eye od", "eye os", "eye unknown"}}, []int{1, 0, 2}},
		{Names{Covariates: []string{"volume_L", "volume_L is known", "volume_R", "volume_R is known"}}, []int{2, 3, 0, 1}},
		{Names{Covariates: []string{"side left", "side right", "view R"}}, []int{1, 0, 2}},
		{Names{Covariates: []string{"view R", "view RL"}}, nil},
		{Names{Classes: []string{"grade L", "grade R"}}, nil},
	} {
		sides, err := c.names.Sides()
		if err != nil || !slices.Equal(sides.Covariates, c.want) || sides.Classes != nil {
			t.Errorf("%+v: got %+v, %v, want %v", c.names, sides, err, c.want)
		}
	}
}

func TestCheckSides(t *testing.T) {
	sided, odd, plain := []string{"left", "right"}, []string{"left", "none"}, []string{"mild", "severe"}
	axial, sagittal := []string{"Axial T2"}, []string{"Sagittal T1", "Sagittal T2/STIR"}
	for _, c := range []struct {
		recipe          string
		classes, planes []string
		want            string // "" for a recipe that is right
	}{
		{"[flip: {horizontal: 1, vertical: 1}]", plain, sagittal, ""},
		{"[flip: {horizontal: 1}]", sided, axial, ""},
		{"[flip: {horizontal: 1}]", sided, nil, ""},
		{"[rotate]", odd, axial, ""},
		{"[flip: {p: 0}]", odd, axial, ""},
		{"[flip: {horizontal: 0}]", odd, axial, ""},
		{"[flip: {horizontal: 1}]", odd, axial, `no class "right"`},
		{"[flip: {vertical: 0.1}]", sided, axial, "upside down"},
		{"[flip: {horizontal: 1}]", sided, sagittal, "keep"},
		{"[flip: {horizontal: 1, sides: keep}]", sided, sagittal, ""},
		{"[flip: {horizontal: 1, sides: keep}]", sided, axial, "swap"},
		{"[flip: {horizontal: 1}]", sided, append(axial, sagittal...), "horizontal to 0"},
		{"[reverse]", sided, sagittal, ""},
		{"[reverse: {sides: keep}]", sided, axial, ""},
		{"[reverse]", odd, sagittal, `no class "right"`},
		{"[reverse]", sided, axial, "set reverse.sides to keep"},
		{"[reverse: {sides: keep}]", sided, sagittal, "set reverse.sides to swap"},
		{"[reverse]", sided, append(axial, sagittal...), "remove reverse"},
		{"[reverse: {p: 0}]", odd, sagittal, ""},
		{"[rotate, one_of: {of: [gamma, some_of: {of: [flip, noise]}]}]", odd, axial, `no class "right"`},
	} {
		for _, names := range []Names{{Classes: c.classes}, {Classes: plain, Targets: c.classes}} {
			err := parse(t, c.recipe).CheckSides(names, c.planes)
			want := c.want
			if len(names.Targets) > 0 {
				want = strings.Replace(want, "no class", "no target", 1)
			}
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s with %v and %v: got %v, want %q", c.recipe, names, c.planes, err, want)
			}
		}
	}
}

// TestFlipSwapsSides: exactly the mirrored images are said to be.
func TestFlipSwapsSides(t *testing.T) {
	const n = 40
	b := Batch{Samples: names(n), Epoch: 1}
	p := parse(t, "[flip]").plan(b, square)
	got, flipped := p.mirrored(), 0
	for i, d := range p.leaves[0].draws {
		if got[i] != (d.numbers[0] == 1) {
			t.Errorf("image %d: got %v, drawn were %v", i, got[i], d.numbers)
		}
		if got[i] {
			flipped++
		}
	}
	if flipped < 10 || flipped > 30 {
		t.Errorf("%d of %d images were mirrored", flipped, n)
	}
	for _, text := range []string{"[flip: {horizontal: 1, sides: keep}]", "[flip: {horizontal: 1}, flip: {horizontal: 1}]"} {
		if got := parse(t, text).plan(b, square).mirrored(); slices.Contains(got, true) {
			t.Errorf("%s mirrored %v", text, got)
		}
	}
}

// TestReverseSwapsSides: images whose slices are turned are said to be mirrored, twice
// mirrored ones are not, and without slices nothing is.
func TestReverseSwapsSides(t *testing.T) {
	const n = 40
	b := Batch{Samples: names(n), Slices: 3, Epoch: 1}
	p := parse(t, "[reverse]").plan(b, square)
	turned := 0
	for i, is := range p.mirrored() {
		if is != p.leaves[0].draws[i].on {
			t.Errorf("image %d: mirrored is %v, turned %v", i, is, !is)
		}
		if is {
			turned++
		}
	}
	if turned < 10 || turned > 30 {
		t.Errorf("%d of %d images were turned", turned, n)
	}
	for text, slicesOf := range map[string]int{"[reverse: {p: 1, sides: keep}]": 3, "[reverse: {p: 1}, flip: {horizontal: 1}]": 3, "[reverse: {p: 1}]": 1} {
		b.Slices = slicesOf
		if got := parse(t, text).plan(b, square).mirrored(); slices.Contains(got, true) {
			t.Errorf("%s with %d slices mirrored %v", text, slicesOf, got)
		}
	}
	pixels := []float32{0.1, 0.2, 0.3, 0.4} // two views of two slices of one pixel
	do(t, func(s *torch.Scope) {
		x := s.FromFloat32(pixels, 1, 4, 1, 1)
		out := parse(t, "[reverse: {p: 1, sides: swap}]").Apply(s, Batch{Images_BCHW: x, Samples: names(1), Slices: 2, Channels: []int{2, 3, 0, 1}, Epoch: 1})
		if got, want := s.Float32s(out.Images_BCHW), []float32{0.4, 0.3, 0.2, 0.1}; !slices.Equal(got, want) {
			t.Errorf("two views: got %v, want %v", got, want)
		}
	})
}

// TestMirroredViews: a mirrored image has the view of the other side in each channel, and
// others stay as they are.
func TestMirroredViews(t *testing.T) {
	sides, err := Names{Views: []string{"left_foramen", "canal", "right_foramen"}}.Sides()
	if err != nil || !reflect.DeepEqual(sides.Views, []int{2, 1, 0}) {
		t.Fatalf("got %+v, %v", sides, err)
	}
	pixels := []float32{0.1, 0.2, 0.3, 0.4, 0.5, 0.6} // three channels of two pixels
	for recipe, want := range map[string][]float32{
		"[flip: {horizontal: 1}]": {0.6, 0.5, 0.4, 0.3, 0.2, 0.1}, "[flip: {horizontal: 1, sides: keep}]": {0.2, 0.1, 0.4, 0.3, 0.6, 0.5}, "[flip: {horizontal: 0}]": pixels,
	} {
		do(t, func(s *torch.Scope) {
			out := parse(t, recipe).Apply(s, Batch{Images_BCHW: s.FromFloat32(pixels, 1, 3, 1, 2), Samples: names(1), Channels: sides.Views, Epoch: 1})
			for i, v := range s.Float32s(out.Images_BCHW) {
				if d := v - want[i]; !(d <= 1e-6) || !(d >= -1e-6) {
					t.Errorf("%s: got %v at %d, want %v", recipe, v, i, want[i])
				}
			}
		})
	}
}
